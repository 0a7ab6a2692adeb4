"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const packed = read("chart-data");
  const specs = read("chart-specs");
  const rowsOf = ({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const data = Object.fromEntries(Object.entries(packed).map(([name, set]) => [name, rowsOf(set)]));

  // Charts: the picture in the page is replaced by the live chart when it comes into view.
  const views = new Map();
  const draw = async (holder) => {
    const name = holder.dataset.chart;
    if (views.has(name)) return;
    views.set(name, null);
    const spec = { ...specs[name].spec, datasets: {} };
    for (const set of specs[name].data) spec.datasets[set] = data[set];
    const room = holder.parentElement.clientWidth - 80;
    if (typeof spec.width === "number" && spec.width > room) spec.width = Math.max(room, 220);
    const target = document.createElement("div");
    try {
      const made = await window.vegaEmbed(target, spec, { actions: false, renderer: "svg", ast: true });
      holder.querySelector("img").hidden = true;
      holder.append(target);
      views.set(name, made.view);
      holder.dispatchEvent(new Event("drawn"));
    } catch (error) {
      console.warn("chart " + name + " stays a picture: " + error.message);
    }
  };
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "300px" });
  document.querySelectorAll("[data-chart]").forEach((holder) => seen.observe(holder));

  document.querySelectorAll("[data-selects]").forEach((label) => {
    const [chart, parameter] = label.dataset.selects.split("|");
    const select = label.querySelector("select");
    const holder = document.querySelector(`[data-chart="${CSS.escape(chart)}"]`);
    const apply = () => {
      const view = views.get(chart);
      if (view) view.signal(parameter, select.value).runAsync();
      const text = document.querySelector(`[data-says="${CSS.escape(chart)}"]`);
      if (text) text.textContent = select.selectedOptions[0].dataset.says || "";
    };
    select.addEventListener("change", apply);
    holder.addEventListener("drawn", apply);
    label.hidden = false;
  });

  // Tabs: panels of the same kind everywhere follow the chosen tissue.
  const groups = [...document.querySelectorAll("[data-tabs]")].map((group, g) => {
    const panels = [...group.querySelectorAll(":scope > .panel")];
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", group.dataset.tabs);
    const tabs = panels.map((panel, i) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${g}-${i}`;
      panel.id ||= `panel-${g}-${i}`;
      tab.textContent = panel.dataset.tab;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => choose(panel.dataset.tab));
      return tab;
    });
    list.append(...tabs);
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const at = tabs.indexOf(document.activeElement);
      const to = step ? (at + step + tabs.length) % tabs.length
        : event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : -1;
      if (at < 0 || to < 0) return;
      event.preventDefault();
      choose(panels[to].dataset.tab);
      tabs[to].focus();
    });
    if (panels.length > 1) group.prepend(list);
    return { panels, tabs };
  });
  const choose = (name) => {
    for (const { panels, tabs } of groups) {
      if (!panels.some((panel) => panel.dataset.tab === name)) continue;
      panels.forEach((panel, i) => {
        const on = panel.dataset.tab === name;
        panel.hidden = !on;
        tabs[i].setAttribute("aria-selected", String(on));
        tabs[i].tabIndex = on ? 0 : -1;
      });
    }
  };
  for (const { panels } of groups) if (panels.length) choose(panels[0].dataset.tab);

  // Tables: sort by any column, filter by what the cells are.
  document.querySelectorAll("table[data-sortable]").forEach((table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const said = table.closest("section").querySelector("[data-sorted]");
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", head.dataset.sorted || "none");
      button.addEventListener("click", () => {
        const numeric = head.classList.contains("n");
        const first = numeric && head.dataset.first !== "low" ? "descending" : "ascending";
        const other = first === "descending" ? "ascending" : "descending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        heads.forEach((h) => h.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
        const sorted = [...body.rows].sort((a, b) => {
          const [u, v] = [key(a), key(b)];
          if (u === "" || v === "") return (u === "") - (v === "");
          return sign * (numeric ? u - v : u.localeCompare(v, "en"));
        });
        body.append(...sorted);
        table.classList.add("resorted");
        if (said) said.textContent = `Sorted by ${button.textContent.trim()}, ${order}.`;
      });
    });
  });
  document.querySelectorAll("[data-filters]").forEach((controls) => {
    const table = document.getElementById(controls.dataset.filters);
    const counted = controls.querySelector("[data-count]");
    const inputs = [...controls.querySelectorAll("[data-field]")];
    const apply = () => {
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const keep = inputs.every((input) =>
          input.type === "checkbox" ? !input.checked || row.dataset[input.dataset.field] === input.value
            : !input.value || row.dataset[input.dataset.field] === input.value);
        row.hidden = !keep;
        shown += keep;
      }
      counted.textContent = `${shown} of ${table.tBodies[0].rows.length} cells`;
    };
    inputs.forEach((input) => input.addEventListener("change", apply));
    controls.hidden = false;
    apply();
  });
})();
