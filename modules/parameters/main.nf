// Parameters on their way to the package, which judges them, and their help text.

// What the user may have set, for `spacebio-bench check`; unknown names included. Stores that exist come before the
// simulated studies of the profile `test`.
def parametersOf(given) {
    def unused = given.cohorts && given.input == 'simulated' ? ['help', 'input'] : ['help']
    return given.findAll { name, _value -> !(name in unused) }
}

// `--name 'value'` for those of the names that are set.
def commandOptions(given, names) {
    return names
        .findAll { name -> given[name] != null }
        .collect { name -> "--${name} '${given[name].toString().replace("'", "'\\''")}'" }
        .join(' ')
}

// Every parameter of nextflow_schema.json with its type, default and meaning.
def parameterHelp(schemaFile) {
    def schema = new groovy.json.JsonSlurper().parse(file(schemaFile))
    def groups = (schema['$defs'] ?: schema['definitions'] ?: [:]).values() + [[title: '', properties: schema['properties'] ?: [:]]]
    def lines = ["${schema.title}: ${schema.description}", '', 'nextflow run main.nf --input studies.csv [--NAME VALUE ...] [-profile NAME] [-resume]']
    groups.findAll { group -> group.properties }.each { group ->
        lines += ['', group.title ?: 'Other']
        group.properties.findAll { _name, entry -> !entry.hidden }.each { name, entry ->
            lines += helpLines(name, entry)
        }
    }
    return lines.join('\n')
}

def helpLines(name, entry) {
    def facts = []
    if (entry['enum']) {
        facts += ["one of ${entry['enum'].join(', ')}"]
    }
    if (entry.default != null) {
        facts += ["default ${entry.default}"]
    }
    def text = entry.description + (facts ? " (${facts.join('; ')})" : '')
    def words = text.split(' ').inject(['']) { rows, word ->
        rows[-1].length() + word.length() > 88 ? rows + [word] : rows[0..<-1] + ["${rows[-1]} ${word}".trim()]
    }
    return words.withIndex().collect { row, i -> (i == 0 ? "  --${name}" : '').padRight(25) + row }
}
