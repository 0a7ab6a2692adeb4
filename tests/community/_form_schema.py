"""The form of issue forms, as the host documents it.

Source: GitHub Docs, "Syntax for issue forms" and "Syntax for GitHub's form schema".
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}
REQUIRED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"required": FLAG},
}


def _element(kind: str, needed: list[str], more: dict[str, Any]) -> dict[str, Any]:
    attributes = {
        "type": "object",
        "required": needed,
        "additionalProperties": False,
        "properties": {"label": TEXT, "description": TEXT, **more},
    }
    return {
        "type": "object",
        "required": ["type", "id", "attributes"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": kind},
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
            "attributes": attributes,
            "validations": REQUIRED,
        },
    }


MARKDOWN = {
    "type": "object",
    "required": ["type", "attributes"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "markdown"},
        "attributes": {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "properties": {"value": TEXT},
        },
    },
}
OPTIONS = {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT}
BOXES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["label"],
        "additionalProperties": False,
        "properties": {"label": TEXT, "required": FLAG},
    },
}
FORM = {
    "type": "object",
    "required": ["name", "description", "body"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 3},
        "description": {"type": "string", "minLength": 3, "maxLength": 200},
        "title": TEXT,
        "labels": {"type": "array", "items": TEXT, "uniqueItems": True},
        "assignees": {"type": "array", "items": TEXT, "uniqueItems": True},
        "projects": {"type": "array", "items": TEXT},
        "type": TEXT,
        "body": {
            "type": "array",
            "minItems": 1,
            "contains": {"properties": {"type": {"not": {"const": "markdown"}}}},
            "items": {
                "oneOf": [
                    MARKDOWN,
                    _element("input", ["label"], {"placeholder": TEXT, "value": TEXT}),
                    _element(
                        "textarea",
                        ["label"],
                        {"placeholder": TEXT, "value": TEXT, "render": TEXT},
                    ),
                    _element(
                        "dropdown",
                        ["label", "options"],
                        {
                            "options": OPTIONS,
                            "multiple": FLAG,
                            "default": {"type": "integer", "minimum": 0},
                        },
                    ),
                    _element("checkboxes", ["label", "options"], {"options": BOXES}),
                ]
            },
        },
    },
}
CHOOSER = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "blank_issues_enabled": FLAG,
        "contact_links": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "url", "about"],
                "additionalProperties": False,
                "properties": {
                    "name": TEXT,
                    "url": {"type": "string", "pattern": "^https://"},
                    "about": TEXT,
                },
            },
        },
    },
}
"""Of `config.yml`."""
