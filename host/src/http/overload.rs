//! Adds to the OpenAPI document what every operation can answer before it begins: see `limits`.

use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};

/// The statuses, and what they say.
const EARLY: &[(&str, &str)] = &[
    ("400", "The request is not well formed"),
    ("408", "The body did not come in time"),
    ("413", "The body is too large"),
    (
        "429",
        "The caller asks too often; Retry-After says how long to wait",
    ),
    ("431", "The head of the request is too large"),
    (
        "503",
        "The host or its store is busy or starting; Retry-After says how long to wait",
    ),
];

/// To every operation that does not say so itself.
pub fn add_early_answers(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            for (status, description) in EARLY {
                let responses = &mut operation.responses.responses;
                responses.entry((*status).to_owned()).or_insert_with(|| {
                    let problem = ContentBuilder::new()
                        .schema(Some(Ref::from_schema_name("Problem")))
                        .build();
                    ResponseBuilder::new()
                        .description(*description)
                        .content("application/problem+json", problem)
                        .build()
                        .into()
                });
            }
        }
    }
}
