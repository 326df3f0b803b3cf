//! What operations and resources of somebody else's document are called.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::naming::Lock;

/// A document with operations and nothing else about them: method, path, and further keys.
fn document(operations: &[(&str, &str, &str)]) -> String {
    let mut text = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n".to_owned();
    let mut paths: Vec<&str> = operations.iter().map(|(_, path, _)| *path).collect();
    paths.dedup();
    for path in paths {
        text.push_str(&format!("  '{path}':\n"));
        for (method, _, keys) in operations.iter().filter(|(_, other, _)| *other == path) {
            let comma = if keys.is_empty() { "" } else { ", " };
            text.push_str(&format!("    {method}: {{{keys}{comma}responses: {{'204': {{description: Done.}}}}}}\n"));
        }
    }
    text
}

/// The operations as callers see them: `orders.create CreateOrder`.
fn calls(reading: &Reading) -> Vec<String> {
    let each = reading.domain.operations();
    each.map(|(resource, operation)| format!("{}.{} {}", resource.module, operation.method, operation.type_name))
        .collect()
}

fn named(name: &str, operations: &[(&str, &str, &str)]) -> Vec<String> {
    calls(&foreign::read(name, &document(operations)))
}

#[test]
fn an_id_says_what_is_done_and_the_resource_the_rest() {
    let names = named(
        "names_ids",
        &[
            ("get", "/customers", "operationId: ListCustomers, tags: [Customers]"),
            ("post", "/customers", "operationId: create_a_customer, tags: [Customers]"),
            ("get", "/customers/{id}", "operationId: RetrieveCustomer, tags: [Customers]"),
            ("post", "/customers/{id}/cards", "operationId: CreateCustomerCard, tags: [Customers]"),
            ("post", "/customers/{id}/credits", "operationId: add_credits_to_a_customer, tags: [Customers]"),
            ("post", "/customers/bulk", "operationId: BulkCreateCustomers, tags: [Customers]"),
            ("get", "/profile", "operationId: getBusinessCustomerProfile, tags: [Customers]"),
        ],
    );
    assert_eq!(
        names,
        [
            "customers.list ListCustomers",
            "customers.create CreateCustomer",
            "customers.retrieve RetrieveCustomer",
            "customers.create_card CreateCustomerCard",
            "customers.add_credits AddCreditsToCustomer",
            "customers.bulk_create BulkCreateCustomers",
            "customers.get_business_customer_profile GetBusinessCustomerProfile",
        ]
    );
}

#[test]
fn an_id_by_parts_is_read_from_its_end() {
    let names = named(
        "names_parts",
        &[
            ("post", "/v2/orders", "operationId: orders.create, tags: [orders]"),
            ("post", "/v2/orders/{id}/track", "operationId: orders.track.create, tags: [orders]"),
            ("patch", "/v2/orders/{id}/trackers/{tracker}", "operationId: orders.trackers.patch, tags: [trackers]"),
            ("get", "/v2/carts", "operationId: CartController_findAll, tags: [carts]"),
            ("get", "/v2/carts/{id}", "operationId: getCartUsingGET_1, tags: [carts]"),
            ("get", "/v2/items", "operationId: items-list, tags: [items]"),
        ],
    );
    assert_eq!(
        names,
        [
            "orders.create OrdersCreate",
            "orders.create_track OrdersTrackCreate",
            "trackers.patch OrdersTrackersPatch",
            "carts.find_all CartFindAll",
            "carts.get GetCart",
            "items.list ItemsList",
        ]
    );
}

#[test]
fn two_that_would_be_called_alike_keep_their_whole_ids() {
    let names = named(
        "names_alike",
        &[
            ("get", "/orders", "operationId: getOrders, tags: [Orders]"),
            ("get", "/orders/{id}", "operationId: getOrder, tags: [Orders]"),
            ("post", "/orders/{id}/clone", "operationId: cloneOrder, tags: [Orders]"),
            ("post", "/orders/{id}/move", "operationId: moveOrder, tags: [Orders]"),
        ],
    );
    // `clone` is a method that a handle has for itself, and `move` a word of Rust's.
    assert_eq!(
        names,
        [
            "orders.get_orders GetOrders",
            "orders.get_order GetOrder",
            "orders.clone_order CloneOrder",
            "orders.move_order MoveOrder",
        ]
    );
}

#[test]
fn without_an_id_method_and_path_make_the_name() {
    let list =
        "responses: {'200': {description: All., content: {application/json: {schema: {type: array, items: {}}}}}}";
    let text = document(&[
        ("post", "/v2/carts", ""),
        ("get", "/v2/carts/{cartID}", ""),
        ("put", "/v2/carts/{cartID}", ""),
        ("patch", "/v2/carts/{cartID}/addresses/{id}", ""),
        ("delete", "/v2/carts/{cartID}/items/{itemID}", ""),
        ("post", "/v2/orders/{id}/cancel", ""),
        ("post", "/v2/orders/{id}/confirm-payment-source", ""),
        ("post", "/v2/orders/{id}/refund", ""),
        ("post", "/v2/orders/bulk-delete", ""),
        ("get", "/v2/orders/search", ""),
        ("post", "/v2/orders/{id}:void", ""),
        ("post", "/v2/orders/{id}/captures", "summary: Reserves the money."),
        ("post", "/v2/orders/{id}/shipments", "summary: Ship an order."),
        ("post", "/v2/orders/{id}/amountUpdates", "summary: Update the amount."),
        ("post", "/v2/orders/{id}", "summary: Updates an order."),
        ("get", "/v2/taxes/{id}.json", ""),
    ]);
    let text = format!("{text}  /v2/carts/{{cartID}}/items:\n    get: {{{list}}}\n");
    assert_eq!(
        calls(&foreign::read("names_paths", &text)),
        [
            "carts.create CreateCart",
            "carts.get GetCart",
            "carts.replace ReplaceCart",
            "carts.update_address UpdateCartAddress",
            "carts.delete_item DeleteCartItem",
            "carts.list_items ListCartItems",
            "orders.cancel CancelOrder",
            "orders.confirm_payment_source ConfirmOrderPaymentSource",
            "orders.refund RefundOrder",
            "orders.bulk_delete BulkDeleteOrders",
            "orders.search SearchOrders",
            "orders.void VoidOrder",
            "orders.create_capture CreateOrderCapture",
            "orders.create_shipment CreateOrderShipment",
            "orders.update_amount UpdateOrderAmount",
            "orders.update UpdateOrder",
            "taxes.get GetTax",
        ]
    );
}

#[test]
fn ids_that_only_repeat_method_and_path_are_not_taken() {
    let names = named(
        "names_mechanical",
        &[
            ("post", "/payments", "operationId: post-payments"),
            ("post", "/payments/{reference}/captures", "operationId: post-payments-reference-captures"),
            ("get", "/payments/{reference}", "operationId: get-payments-reference"),
            ("get", "/items/{item_id}", "operationId: read_item_items__item_id__get"),
        ],
    );
    assert_eq!(
        names,
        [
            "payments.create CreatePayment",
            "payments.create_capture CreatePaymentCapture",
            "payments.get GetPayment",
            "items.read ReadItem",
        ]
    );
}

#[test]
fn a_second_operation_with_an_id_is_named_after_its_path_and_told() {
    let text = document(&[
        ("put", "/accounts/{id}", "operationId: linkAccount, tags: [shipping]"),
        ("post", "/accounts/{id}/link", "operationId: linkAccount, tags: [shipping]"),
        ("post", "/accounts/{id}", "operationId: linkAccount, tags: [shipping]"),
    ]);
    let reading = foreign::read("names_twice", &text);
    assert_eq!(
        calls(&reading),
        [
            "shipping.link_account LinkAccount",
            "shipping.update_account UpdateAccount",
            "shipping.link_account_2 LinkAccount2",
        ]
    );
    let told: Vec<_> = reading.repairs.iter().filter(|repair| repair.what.contains("operationId")).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[1].operation.as_deref(), Some("POST /accounts/{id}"));
    assert!(reading.degradations.is_empty());
}

#[test]
fn paths_that_differ_only_in_a_variable_or_a_version_are_told_apart_by_it() {
    let names = named(
        "names_versions",
        &[
            ("get", "/orders/{order_id}", "tags: [orders]"),
            ("get", "/orders/{number}", "tags: [orders]"),
            ("delete", "/v1/carts", "tags: [carts]"),
            ("delete", "/v2/carts", "tags: [carts]"),
        ],
    );
    assert_eq!(
        names,
        [
            "orders.get_order_by_order_id GetOrderByOrderId",
            "orders.get_order_by_number GetOrderByNumber",
            "carts.delete_carts_v1 DeleteCartsV1",
            "carts.delete_carts_v2 DeleteCartsV2",
        ]
    );
}

#[test]
fn a_variable_in_a_segment_with_text_is_one_too() {
    let names = named(
        "names_keys",
        &[
            ("get", "/{projectKey}/carts/{ID}", ""),
            ("get", "/{projectKey}/carts/key={key}", ""),
            ("delete", "/{projectKey}/in-store/key={storeKey}/carts/{ID}", "tags: [in-store]"),
        ],
    );
    assert_eq!(
        names,
        [
            "carts.get_cart_by_id GetCartById",
            "carts.get_cart_by_key GetCartByKey",
            "in_store.delete_cart DeleteInStoreCart",
        ]
    );
}

#[test]
fn what_many_paths_begin_with_is_no_resource_and_in_no_name() {
    let names = named(
        "names_space",
        &[
            ("get", "/api/v2/storefront/carts/{id}", ""),
            ("post", "/api/v2/storefront/orders", ""),
            ("delete", "/api/v2/storefront/wishlists/{id}", ""),
        ],
    );
    assert_eq!(names, ["carts.get GetCart", "orders.create CreateOrder", "wishlists.delete DeleteWishlist"]);
}

#[test]
fn resources_come_from_tags_and_say_what_they_are() {
    let text = document(&[
        ("get", "/a", "operationId: a1, tags: ['Account / Credit Cards', other]"),
        ("get", "/b", "operationId: b1, tags: [orders]"),
        ("get", "/c", "operationId: c1, tags: [Orders]"),
        ("get", "/d", "operationId: getD, tags: [getD]"),
        ("get", "/e", "operationId: e1, tags: [return]"),
        ("get", "/f", "operationId: f1, tags: [OAuth]"),
    ]);
    let text = format!("{text}tags: [{{name: orders, description: 'What is bought. And sold.'}}]\n");
    let reading = foreign::read("names_tags", &text);
    let resources = reading.domain.resources.iter();
    let all: Vec<(&str, &str, &str)> = resources
        .map(|resource| (resource.module.as_str(), resource.handle.as_str(), resource.summary.as_str()))
        .collect();
    assert_eq!(
        all,
        [
            ("account_credit_cards", "AccountCreditCards", "Account / Credit Cards"),
            ("orders", "Orders", "What is bought."),
            ("d", "D", "D"),
            ("returns", "Return", "Return"),
            ("oauth", "OAuth", "Oauth"),
        ]
    );
    assert_eq!(reading.domain.resources[1].description, "And sold.");
    assert_eq!(reading.domain.resources[1].operations.len(), 2);
}

#[test]
fn a_schema_keeps_its_name_before_operations_and_resources() {
    let mut text = document(&[("post", "/orders", "operationId: createOrder, tags: [order]")]);
    text.push_str("components: {schemas: {CreateOrder: {type: object, properties: {a: {type: string}}}, ");
    text.push_str("Order: {type: object, properties: {a: {type: string}}}}}\n");
    let reading = foreign::read("names_schemas", &text);
    assert_eq!(calls(&reading), ["order.create CreateOrderCall"]);
    assert_eq!(reading.domain.resources[0].handle, "OrderApi");
    assert!(reading.domain.model("CreateOrder").is_some() && reading.domain.model("Order").is_some());
}

#[test]
fn names_in_other_scripts_and_without_letters_are_names() {
    let names = named(
        "names_scripts",
        &[
            ("get", "/订单", "operationId: 获取订单, tags: [订单]"),
            ("get", "/gift", "operationId: 🎁, tags: [🎁]"),
            ("get", "/self", "operationId: self, tags: [self]"),
            ("get", "/type", "operationId: type, tags: [type]"),
        ],
    );
    assert_eq!(names.len(), 4);
    assert_eq!(names[0], "订单.获取订单 获取订单");
    let methods: Vec<&str> = names.iter().map(|name| name.split(' ').next().unwrap_or_default()).collect();
    let distinct: std::collections::BTreeSet<&&str> = methods.iter().collect();
    assert_eq!(distinct.len(), 4, "{names:?}");
}

#[test]
fn a_locked_name_stays_when_the_document_grows() {
    let old = document(&[("get", "/orders", "operationId: listOrders, tags: [orders]")]);
    let new = document(&[
        ("get", "/archive", "operationId: list, tags: [orders]"),
        ("get", "/orders", "operationId: listOrders, tags: [orders]"),
    ]);
    let before = foreign::read("names_before", &old);
    assert_eq!(calls(&before), ["orders.list ListOrders"]);
    let after = foreign::read_locked("names_after", &new, before.lock);
    assert_eq!(calls(&after)[1], "orders.list ListOrders");
    assert_eq!(calls(&after)[0], "orders.list_2 List");
    // Without the lock neither would be sure of it.
    assert_eq!(calls(&foreign::read_locked("names_fresh", &new, Lock::default()))[1], "orders.list_orders ListOrders");
}

#[test]
fn an_overlay_renames_groups_and_drops() {
    let text = document(&[
        ("get", "/orders", "operationId: listOrders, tags: [orders]"),
        ("post", "/orders", "operationId: createOrder, tags: [orders]"),
        ("delete", "/orders", "operationId: deleteOrders, tags: [orders]"),
    ]);
    let overlay = "\
ecloud-overlay: 1
operations:
  listOrders: {rename: all}
  POST /orders: {resource: checkout}
  deleteOrders: {drop: true}
";
    let reading = foreign::try_read("names_overlay", &text, Some(overlay)).expect("the document is read");
    assert_eq!(calls(&reading), ["orders.all ListOrders", "checkout.create_order CreateOrder"]);
}

#[test]
fn a_path_of_five_thousand_characters_makes_a_short_name() {
    let path = format!("/{}/{{id}}", vec!["order-lines"; 420].join("/"));
    let text = format!(
        r#"{{"openapi": "3.0.3", "paths": {{"{path}": {{"get": {{"tags": ["orders"], "responses": {{"204": {{}}}}}}}}}}}}"#
    );
    let reading = foreign::read("names_long", &text);
    let (_, operation) = reading.domain.operations().next().expect("the operation");
    assert!(operation.type_name.len() <= 60 && operation.method.len() <= 60, "{}", operation.type_name);
    assert_eq!(operation.path, path);
}
