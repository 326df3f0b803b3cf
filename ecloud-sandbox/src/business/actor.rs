//! Who acts in a shop: what an order's history says of each thing that has happened.

use std::ops::{Deref, DerefMut};

use super::Shop;
use super::wire::wire_enum;
use crate::protocol::token::Role;

wire_enum! {
    /// Who does something to an order.
    Actor { Buyer = "buyer", Seller = "seller", Platform = "platform", Carrier = "carrier" }
}

impl From<Role> for Actor {
    fn from(role: Role) -> Self {
        match role {
            Role::Business | Role::Developer => Self::Seller,
            Role::Operator => Self::Platform,
        }
    }
}

/// A shop in which somebody acts, until this is dropped.
#[derive(Debug)]
pub(crate) struct Acting<'a> {
    shop: &'a mut Shop,
    before: Actor,
}

impl Shop {
    /// The shop, in which `actor` acts. Where nobody says so, it is the seller.
    pub(crate) fn acting(&mut self, actor: Actor) -> Acting<'_> {
        let before = std::mem::replace(&mut self.actor, actor);
        Acting { shop: self, before }
    }
}

impl Deref for Acting<'_> {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        self.shop
    }
}

impl DerefMut for Acting<'_> {
    fn deref_mut(&mut self) -> &mut Shop {
        self.shop
    }
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        self.shop.actor = self.before;
    }
}
