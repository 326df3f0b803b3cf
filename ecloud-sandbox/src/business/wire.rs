//! Enumerations as the descriptions write them.

/// Defines an enumeration by its names on the wire.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub(crate) enum $name {
            $(#[serde(rename = $text)] $variant),*
        }

        #[allow(dead_code, reason = "not every enumeration is printed, read and listed")]
        impl $name {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),*
                }
            }

            /// The value of a name on the wire.
            pub(crate) fn named(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

pub(crate) use wire_enum;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::business::actor::Actor;
    use crate::business::logistics::carrier_choice::CarrierPreference;
    use crate::business::logistics::carrier_tariffs::UnserviceableReason;
    use crate::business::logistics::delivery_exceptions::{
        DeliveryExceptionKind, DeliveryExceptionStatus, DeliveryResolution,
    };
    use crate::business::logistics::freight_templates::FreightBasis;
    use crate::business::logistics::interceptions::{InterceptionReason, InterceptionStatus};
    use crate::business::logistics::pickups::PickupStatus;
    use crate::business::logistics::regions::RegionLevel;
    use crate::business::logistics::reverse_pickups::ReversePickupStatus;
    use crate::business::logistics::self_deliveries::SelfDeliveryStatus;
    use crate::business::logistics::tracking_subscriptions::TrackingSubscriptionStatus;
    use crate::business::logistics::warehouses::WarehouseStatus;
    use crate::business::logistics::waybill_accounts::{WaybillEntryKind, WaybillSettlement};
    use crate::business::logistics::waybill_templates::{TemplateContent, WaybillTemplateKind};
    use crate::business::logistics::waybills::WaybillStatus;
    use crate::business::logistics::{AddressUse, ShipmentStatus, TrackingAction};
    use crate::business::product::barcodes::BarcodeKind;
    use crate::business::product::brand_authorizations::{BrandAuthorizationStatus, BrandSellerKind};
    use crate::business::product::brands::BrandAccess;
    use crate::business::product::category_profiles::{AttributeKind, AttributeLevel};
    use crate::business::product::price_schedules::PriceScheduleStatus;
    use crate::business::product::prices::PriceReason;
    use crate::business::product::{AuditStatus, ListingStatus, SkuStatus, StockDeduction};
    use crate::business::trade::account::AccountEntryKind;
    use crate::business::trade::address_changes::{AddressChangeStatus, AddressRefusalReason};
    use crate::business::trade::after_sale::{AfterSaleKind, AfterSaleReason, AfterSaleStatus};
    use crate::business::trade::buyer_reviews::BuyerRating;
    use crate::business::trade::history::HistoryKind;
    use crate::business::trade::invoice::{
        CreditNoteReason, InvoiceHolder, InvoiceKind, InvoiceRejectionReason, InvoiceStatus,
    };
    use crate::business::trade::payments::{PaymentChannel, PaymentFailure, PaymentKind, TransactionStatus};
    use crate::business::trade::promises::{PromiseExtensionReason, PromiseExtensionStatus};
    use crate::business::trade::refund::{
        GoodsStatus, RefundKind, RefundPhase, RefundReason, RefundStatus, RefusalReason,
    };
    use crate::business::trade::refund_history::{RefundAction, RefundActor};
    use crate::business::trade::settlements::SettlementLineKind;
    use crate::business::trade::{
        CloseReason, FulfilmentStatus, LineStatus, OrderFlag, OrderKind, OrderStatus, PaymentMethod, PaymentStatus,
        PromotionFunder, PromotionKind, RefundProgress, RiskStatus,
    };

    macro_rules! check {
        ($document:expr, $($schema:literal = $name:ident),* $(,)?) => {
            let document: Value = serde_json::from_str(include_str!(concat!("../../api/", $document, ".json"))).unwrap();
            $(
                let described: Vec<&str> =
                    document["schemas"][$schema]["enum"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
                let known: Vec<&str> = $name::ALL.iter().map(|value| value.as_str()).collect();
                assert_eq!(known, described, $schema);
            )*
        };
    }

    #[test]
    fn enumerations_are_those_of_the_descriptions() {
        check!(
            "product",
            "ListingStatus" = ListingStatus,
            "AuditStatus" = AuditStatus,
            "SkuStatus" = SkuStatus,
            "StockDeduction" = StockDeduction,
            "AttributeKind" = AttributeKind,
            "AttributeLevel" = AttributeLevel,
            "BarcodeKind" = BarcodeKind,
            "BrandAccess" = BrandAccess,
            "BrandAuthorizationStatus" = BrandAuthorizationStatus,
            "BrandSellerKind" = BrandSellerKind,
            "PriceReason" = PriceReason,
            "PriceScheduleStatus" = PriceScheduleStatus,
        );
        check!(
            "trade",
            "OrderKind" = OrderKind,
            "OrderStatus" = OrderStatus,
            "OrderLineStatus" = LineStatus,
            "PaymentStatus" = PaymentStatus,
            "FulfilmentStatus" = FulfilmentStatus,
            "RefundProgress" = RefundProgress,
            "RiskStatus" = RiskStatus,
            "PromotionKind" = PromotionKind,
            "PromotionFunder" = PromotionFunder,
            "PaymentMethod" = PaymentMethod,
            "OrderFlag" = OrderFlag,
            "CloseReason" = CloseReason,
            "AddressChangeStatus" = AddressChangeStatus,
            "AddressRefusalReason" = AddressRefusalReason,
            "CreditNoteReason" = CreditNoteReason,
            "InvoiceHolder" = InvoiceHolder,
            "InvoiceKind" = InvoiceKind,
            "InvoiceRejectionReason" = InvoiceRejectionReason,
            "InvoiceStatus" = InvoiceStatus,
            "PaymentInstrument" = PaymentMethod,
            "PaymentChannel" = PaymentChannel,
            "PaymentFailure" = PaymentFailure,
            "PaymentKind" = PaymentKind,
            "TransactionStatus" = TransactionStatus,
            "OrderActor" = Actor,
            "OrderHistoryKind" = HistoryKind,
            "PromiseExtensionReason" = PromiseExtensionReason,
            "PromiseExtensionStatus" = PromiseExtensionStatus,
            "RefundKind" = RefundKind,
            "RefundPhase" = RefundPhase,
            "GoodsStatus" = GoodsStatus,
            "RefundStatus" = RefundStatus,
            "RefundReason" = RefundReason,
            "RefusalReason" = RefusalReason,
            "RefundActor" = RefundActor,
            "RefundAction" = RefundAction,
            "AfterSaleKind" = AfterSaleKind,
            "AfterSaleReason" = AfterSaleReason,
            "AfterSaleStatus" = AfterSaleStatus,
            "SettlementLineKind" = SettlementLineKind,
            "AccountEntryKind" = AccountEntryKind,
            "BuyerRating" = BuyerRating,
        );
        check!(
            "logistics",
            "CarrierPreference" = CarrierPreference,
            "UnserviceableReason" = UnserviceableReason,
            "ShipmentStatus" = ShipmentStatus,
            "TrackingAction" = TrackingAction,
            "AddressUse" = AddressUse,
            "TrackingSubscriptionStatus" = TrackingSubscriptionStatus,
            "WaybillStatus" = WaybillStatus,
            "WaybillEntryKind" = WaybillEntryKind,
            "WaybillSettlement" = WaybillSettlement,
            "TemplateContent" = TemplateContent,
            "WaybillTemplateKind" = WaybillTemplateKind,
            "RegionLevel" = RegionLevel,
            "WarehouseStatus" = WarehouseStatus,
            "FreightBasis" = FreightBasis,
            "DeliveryExceptionKind" = DeliveryExceptionKind,
            "DeliveryExceptionStatus" = DeliveryExceptionStatus,
            "DeliveryResolution" = DeliveryResolution,
            "InterceptionReason" = InterceptionReason,
            "InterceptionStatus" = InterceptionStatus,
            "PickupStatus" = PickupStatus,
            "ReversePickupStatus" = ReversePickupStatus,
            "SelfDeliveryStatus" = SelfDeliveryStatus,
        );
    }
}
