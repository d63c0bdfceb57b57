"""Words: one msgspec Struct per record, enums, state tables, errors, names.

The one definition of every field. `openapi.json` is generated from these Structs and
`src/api/schema.d.ts` from `openapi.json`; CI regenerates both and fails on a difference.

Imports: msgspec and the standard library, nothing else. Everybody may import this room.
"""
