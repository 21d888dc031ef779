"""Renders a description of an API (OpenAPI 3.1) as the page of the documentation site that has every call."""
import html
import json
import re

INTRODUCTION = "Every call of the HTTP API, made from the document that a server has at <code>/openapi.json</code>."


def render(text):
    """Title, HTML and headings of the page."""
    return Reference(json.loads(text)).page()


class Reference:
    def __init__(self, document):
        self.document, self.components = document, document["components"]

    def page(self):
        headings = [{"id": tag["name"], "name": tag["name"].capitalize()} for tag in self.document["tags"]]
        headings.append({"id": "schemas", "name": "Schemas"})
        parts = ['<h1 id="api-reference">API reference</h1>', f"<p>{INTRODUCTION}</p>", prose(self.document["info"]["description"])]
        calls = [(path, method, call) for path, methods in self.document["paths"].items() for method, call in methods.items()]
        rows = [
            [f'<a href="#{call["operationId"]}">{target(method, path)}</a>', html.escape(call["summary"]),
             html.escape(call.get("x-role", ""))] for path, method, call in calls]
        parts.append(table(["call", "does", "role"], rows))
        for heading in headings[:-1]:
            parts.append(f'<h2 id="{heading["id"]}">{heading["name"]}</h2>')
            parts += [self.call(path, method, call) for path, method, call in calls if heading["id"] in call["tags"]]
        parts.append('<h2 id="schemas">Schemas</h2>')
        parts += [self.schema(name, schema) for name, schema in self.components["schemas"].items()]
        return "API reference", "\n".join(parts), headings

    def call(self, path, method, call):
        parts = [f'<h3 id="{call["operationId"]}">{target(method, path)}</h3>']
        role = f" Needs a key with the role <code>{call['x-role']}</code>" if "x-role" in call else " Needs no key"
        role += ", unless the server lets searches go without one." if {} in call.get("security", []) and "x-role" in call else "."
        parts.append(f"<p>{html.escape(call['summary'])}.{role}</p>")
        if "description" in call:
            parts.append(prose(call["description"]))
        if parameters := [self.follow(one) for one in call.get("parameters", [])]:
            rows = [[f"<code>{html.escape(one['name'])}</code>", one["in"], self.type(one["schema"]), self.parameter_notes(one)]
                    for one in parameters]
            parts.append(table(["parameter", "in", "type", "notes"], rows))
        if "requestBody" in call:
            parts += self.body(call["requestBody"])
        parts.append(self.replies(call["responses"]))
        return "\n".join(parts)

    def parameter_notes(self, parameter):
        notes = inline(parameter.get("description", ""))
        if parameter.get("required") and parameter["in"] != "path":
            notes += " Required."
        if "example" in parameter:
            notes += f" Example: <code>{html.escape(text_of(parameter['example']))}</code>"
        return notes

    def body(self, body):
        for media, content in body["content"].items():
            required = ", required" if body.get("required") else ""
            yield f"<p>Body as <code>{media}</code>{required}: {self.type(content['schema'])}</p>"
            if "example" in content:
                yield f"<pre><code>{html.escape(text_of(content['example'], indent=2))}</code></pre>"

    def replies(self, responses):
        """The replies in a table; those that refuse are folded up, because they are much the same for all calls."""
        rows = [[f"<code>{status}</code>", *self.reply(self.follow(response))] for status, response in responses.items()]
        done = [row[:3] for row, status in zip(rows, responses) if int(status) < 400]
        refused = [[row[0], row[1], row[3]] for row, status in zip(rows, responses) if int(status) >= 400]
        statuses = ", ".join(status for status in responses if int(status) >= 400)
        return table(["status", "reply", "body"], done) + (
            f"<details><summary>Refused with {statuses}</summary>{table(['status', 'reason', 'codes'], refused)}</details>"
            if refused else "")

    def reply(self, response):
        notes = inline(response["description"])
        for name, header in response.get("headers", {}).items():
            notes += f" <code>{name}</code>: {inline(self.follow(header).get('description', ''))}"
        bodies = [f"<code>{media}</code>: {self.type(content['schema'])}" for media, content in response.get("content", {}).items()]
        codes = [code for content in response.get("content", {}).values()
                 for code in content["schema"].get("properties", {}).get("code", {}).get("enum", [])]
        return notes, "<br>".join(bodies), ", ".join(f"<code>{code}</code>" for code in codes)

    def schema(self, name, schema):
        parts = [f'<h3 id="schema-{name}">{name}</h3>']
        if "description" in schema:
            parts.append(prose(schema["description"]))
        if rows := list(self.members(schema)):
            parts.append(table(["member", "type", "notes"], rows))
        else:
            parts.append(f"<p>{self.type(schema)}</p>")
        return "\n".join(parts)

    def members(self, schema, prefix=""):
        """A row for each member of an object, and for those of the objects in it."""
        for name, member in schema.get("properties", {}).items():
            notes = inline(member.get("description", ""))
            if name in schema.get("required", []):
                notes = ("Required. " + notes).strip()
            yield [f"<code>{html.escape(prefix + name)}</code>", self.type(member), notes]
            yield from self.members(member, f"{prefix}{name}.")
            yield from self.members(member.get("items", {}), f"{prefix}{name}[].")
        if schema.get("type") == "array" and not prefix:
            yield from self.members(schema["items"], "[].")

    def type(self, schema):
        """A type in words, with its limits."""
        if "$ref" in schema:
            name = schema["$ref"].split("/")[-1]
            return f'<a href="#schema-{name}">{name}</a>'
        if "allOf" in schema:
            return " and ".join(self.type(one) for one in schema["allOf"])
        if "oneOf" in schema:
            return " or ".join(self.type(one) for one in schema["oneOf"])
        if "enum" in schema:
            return " or ".join(f"<code>{html.escape(text_of(value))}</code>" for value in schema["enum"])
        kinds = schema.get("type", "anything")
        words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
        if "items" in schema:
            words += f" of {self.type(schema['items'])}"
        if "object" in kinds and isinstance(schema.get("additionalProperties"), dict):
            words += f" of {self.type(schema['additionalProperties'])}"
        limits = [text.format(schema[name]) for name, text in LIMITS.items() if name in schema]
        return words + (f" ({', '.join(limits)})" if limits else "")

    def follow(self, element):
        """What a reference stands for."""
        if "$ref" not in element:
            return element
        kind, name = element["$ref"].split("/")[-2:]
        return self.components[kind][name]


LIMITS = {
    "minimum": "at least {}", "maximum": "at most {}", "minLength": "{} characters or more", "maxLength": "{} characters at most",
    "minItems": "{} elements or more", "maxItems": "{} elements at most", "pattern": "<code>{}</code>", "default": "{} by default"}


def target(method, path):
    """The method and the path of a call, which may be wrapped at its slashes."""
    return f"<code>{method.upper()} {html.escape(path).replace('/', '<wbr>/')}</code>"


def text_of(value, indent=None):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=indent)


def inline(text):
    """A sentence with its code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def prose(text):
    return f"<p>{inline(text)}</p>"


def table(titles, rows):
    head = "".join(f"<th>{title}</th>" for title in titles)
    lines = "".join("<tr>" + "".join(cells(titles, row)) + "</tr>\n" for row in rows)
    return f'<div class="table"><table class="stacked">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n'


def cells(titles, row):
    """The cells of a row, with the titles that they have where a row is a block."""
    for title, cell in zip(titles, row):
        yield f'<td data-title="{title}">{cell}</td>'
