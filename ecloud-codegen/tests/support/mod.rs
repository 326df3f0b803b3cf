//! Documents made for one test, each in a folder of its own.

mod folder;

pub(crate) use folder::folder;

/// A document with nothing wrong in it: one operation, one model. The tests change it.
pub(crate) const SOUND: &str = "\
openapi: 3.1.0
info: {title: test, version: 1.0.0}
x-ecloud-domain: test
x-ecloud-resources:
  things: {summary: Things.}
paths:
  /test/v1/things/{thing_id}:
    get:
      operationId: getThing
      tags: [things]
      summary: Gets a thing.
      x-ecloud-method: get
      x-ecloud-scope: test:read
      x-ecloud-quota: {group: test.things, weight: 1}
      parameters:
        - {name: thing_id, in: path, required: true, description: Which., schema: {type: string}}
      responses:
        '200':
          description: The thing.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
components:
  schemas:
    Thing:
      type: object
      description: A thing.
      required: [name]
      properties:
        name: {type: string, description: Its name.}
";
