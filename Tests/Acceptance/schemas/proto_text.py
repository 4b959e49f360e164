"""Descriptors of Protobuf files as text and back, as a registry gives and takes both."""
import base64
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

_TYPES = {
    number: name.removeprefix("TYPE_").lower() for name, number in FieldDescriptorProto.Type.items()}


def from_descriptor(text):
    """The text of a file whose descriptor is given in base64."""
    file = FileDescriptorProto.FromString(base64.b64decode(text, validate=True))
    lines = [f'syntax = "{file.syntax or "proto2"}";']
    if file.package:
        lines.append(f"package {file.package};")
    lines += [f'import "{name}";' for name in file.dependency]
    for message in file.message_type:
        lines += _message(message)
    for enum in file.enum_type:
        lines += _enum(enum)
    return "\n".join(lines) + "\n"


def _enum(enum):
    return [f"enum {enum.name} {{", *(f"  {v.name} = {v.number};" for v in enum.value), "}"]


def _message(message: DescriptorProto):
    entries = {m.name: m for m in message.nested_type if m.options.map_entry}
    lines = []
    for nested in message.nested_type:
        if nested.name not in entries:
            lines += _message(nested)
    for enum in message.enum_type:
        lines += _enum(enum)
    for number, oneof in enumerate(message.oneof_decl):
        fields = [f for f in message.field if f.HasField("oneof_index") and f.oneof_index == number]
        if not any(f.proto3_optional for f in fields):
            lines += [f"oneof {oneof.name} {{", *(_field(f, entries, bare=True) for f in fields), "}"]
    for field in message.field:
        if field.proto3_optional or not field.HasField("oneof_index"):
            lines.append(_field(field, entries))
    return [f"message {message.name} {{", *("  " + line for line in lines), "}"]


def _field(field, entries, bare=False):
    kind = field.type_name or _TYPES[field.type]
    entry = entries.get(kind.rsplit(".", 1)[-1])
    options = [f'json_name = "{field.json_name}"'] if field.json_name else []
    if field.options.HasField("packed"):
        options.append(f"packed = {str(field.options.packed).lower()}")
    tail = f"{field.name} = {field.number}" + (f" [{', '.join(options)}];" if options else ";")
    if entry:
        key, value = entry.field
        return f"map<{_TYPES[key.type]}, {value.type_name or _TYPES[value.type]}> {tail}"
    labels = {1: "optional " if field.proto3_optional else "", 2: "required ", 3: "repeated "}
    return ("" if bare else labels[field.label]) + f"{kind} {tail}"


def to_descriptor(text):
    """The descriptor of a file that imports nothing but Google's own, in base64."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "default.proto").write_text(text)
        include = Path(protoc.__file__).parent / "_proto"
        done = protoc.main(
            ["", f"-I{folder}", f"-I{include}", f"--descriptor_set_out={folder}/out", "default.proto"])
        if done != 0:
            raise ValueError("protoc does not take it")
        files = FileDescriptorSet.FromString(Path(folder, "out").read_bytes())
    return base64.b64encode(files.file[0].SerializeToString()).decode()
