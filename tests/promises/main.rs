//! What users may rely on without looking: how large things are, and that they cross threads.

use ecloud::dialect::Dialect;
use ecloud::logistics::Logistics;
use ecloud::product::Product;
use ecloud::trade::Trade;
use ecloud::transport::Transport;
use ecloud::{Backoff, Client, Clock, Error, Request, Sending, Shop};

fn client() -> Client {
    Client::builder()
        .endpoint("https://open.example.com")
        .app("demo-app", "demo-secret")
        .access_token("token")
        .build()
        .expect("a client")
}

#[test]
fn an_error_is_one_word_and_a_result_no_larger() {
    assert!(size_of::<Error>() <= 16);
    assert_eq!(size_of::<Error>(), size_of::<Result<(), Error>>());
}

#[test]
fn the_future_of_a_generated_call_is_at_most_a_kibibyte() {
    let shop = client().for_shop("shop-1");
    let (trade, product, logistics) = (Trade::new(&shop), Product::new(&shop), Logistics::new(&shop));
    let sizes = [
        ("orders.get", size_of_val(&trade.orders().get("T1").send())),
        ("orders.list", size_of_val(&trade.orders().list().send())),
        ("orders.list, with its answer's metadata", size_of_val(&trade.orders().list().send_with_meta())),
        ("items.get", size_of_val(&product.items().get("I1").send())),
        ("carriers.list", size_of_val(&logistics.carriers().list().send())),
    ];
    for (call, size) in sizes {
        assert!(size <= 1024, "{call}: {size} bytes");
    }
}

#[test]
fn everything_a_caller_holds_crosses_threads() {
    fn crosses<T: Send + Sync>() {}
    fn moves<T: Send>(_: &T) {}
    crosses::<Client>();
    crosses::<Shop>();
    crosses::<Request>();
    crosses::<Error>();
    crosses::<Trade>();
    crosses::<Product>();
    crosses::<Logistics>();
    fn sending<T>(sending: Sending<T>) -> Sending<T>
    where
        Sending<T>: Send,
    {
        sending
    }
    let shop = client().for_shop("shop-1");
    moves(&sending(Trade::new(&shop).orders().get("T1").send()));
    moves(&Trade::new(&shop).orders().list().items());
}

#[test]
fn the_seams_are_objects() {
    fn is_object<T: ?Sized>() -> usize {
        size_of::<&T>() / size_of::<usize>()
    }
    assert_eq!([is_object::<dyn Transport>(), is_object::<dyn Dialect>()], [2, 2]);
    assert_eq!([is_object::<dyn Clock>(), is_object::<dyn Backoff>()], [2, 2]);
}
