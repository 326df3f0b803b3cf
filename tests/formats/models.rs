//! Every model of every domain comes through both formats as it is.

use std::collections::BTreeSet;
use std::fmt::Debug;

use ecloud::codec::xml;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::described::{Description, shuffled};
use crate::random::Random;

/// Values of each model.
const VALUES: u64 = 60;

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(description: &Description, name: &str) {
    for seed in 0..VALUES {
        let mut random = Random(seed);
        let described = description.value(name, &mut random);
        let value: T =
            serde_json::from_value(described.clone()).unwrap_or_else(|error| panic!("{name}: {error}: {described}"));
        let json = serde_json::to_string(&value).unwrap();
        let text = xml::to_string(&value).unwrap_or_else(|error| panic!("{name}: {error}: {json}"));
        assert!(text.contains(&format!("?><{name}>")), "{name}: {text}");

        let back: T = xml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
        assert_eq!(back, value, "{text}");
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), back);

        let shuffled = shuffled(name, &described, &mut random);
        let back: T = xml::from_str(&shuffled).unwrap_or_else(|error| panic!("{name}: {error}: {shuffled}"));
        assert_eq!(back, value, "{shuffled}");
    }
}

/// What has no model of its own in a domain: errors, and what the core has types for.
const ELSEWHERE: [&str; 6] = ["Error", "ErrorBody", "ErrorDetail", "ErrorExpected", "Money", "Sensitive"];

macro_rules! models {
    ($test:ident, $domain:literal, $($module:ident: $($model:ident)+;)+) => {
        #[test]
        fn $test() {
            let description = Description::of($domain);
            let mut described: BTreeSet<&str> = description.objects().collect();
            for elsewhere in ELSEWHERE {
                described.remove(elsewhere);
            }
            let models = BTreeSet::from([$($(stringify!($model),)+)+]);
            assert_eq!(models, described, "each model of the domain is checked");
            $($(check::<$module::$model>(&description, stringify!($model));)+)+
        }
    };
}

mod product {
    use super::*;
    use ecloud::product::{barcodes, brands, categories, inventory, items, media, prices, skus, types};

    models! {
        every_model_of_products_comes_through_both_formats, "product",
        barcodes: SkuBarcode BarcodeBatch BarcodeBatchEntry BarcodeSkuIds BarcodeResult BarcodeResults;
        brands: Brand BrandPage BrandAuthorization BrandAuthorizationPage BrandAuthorizationInput;
        categories: Category CategoryPage CategoryAttribute CategoryAttributePage CategoryRules
            CategoryQuestion CategoryPredictions CategoryPrediction;
        inventory: Stock StockInput StockAdjustment StockBatch StockBatchEntry StockBatchResult StockResult
            StockPage StockChangePage StockSkuIds StockLookups Reservation ReservationPage ReservationInput
            LedgerEntry LedgerPage StockNotice;
        items: Item ItemProperty ItemPage ItemInput SkuInput ItemPatch ItemReplacement ItemChangePage
            ItemIds ItemResult ItemResults ItemCopy ItemSchedule ItemAudit ItemAuditPage ItemValidation
            ItemFinding ItemNotice;
        media: Medium MediumPage MediumPatch UploadFile UploadSession;
        prices: SkuPrice SkuPricePage PriceBatch PriceBatchEntry PriceResult PriceResults PastPrice
            PriceHistoryPage PriceSchedule PriceSchedulePage PriceScheduleInput;
        skus: Sku SkuPage SkuPatch SkuBatchEntry SkuSearchPage SkuIds SkuResult SkuResults SkuBatch;
        types: BatchError;
    }
}

mod trade {
    use super::*;
    use ecloud::trade::{
        account, address_changes, after_sales, buyer_reviews, invoices, order_exports, orders, payments, promises,
        refunds, settlements, types,
    };

    models! {
        every_model_of_trades_comes_through_both_formats, "trade",
        account: AccountBalance AccountEntry AccountEntryPage;
        address_changes: AddressChange WantedReceiver AddressChangePage AddressChangeApproval
            AddressChangeRefusal AddressChangeNotice;
        after_sales: AfterSale AfterSaleRefusalNote ReplacementParcel AfterSalePage AfterSaleChangePage
            AfterSaleAgreement AfterSaleRefusal AfterSaleReturnConfirmation ReplacementInput
            AfterSaleClosing AfterSaleNotice;
        buyer_reviews: BuyerReview BuyerReviewPage BuyerReviewInput BuyerReviewBatch BuyerReviewResults
            BuyerReviewResult;
        invoices: Invoice CompanyTitle CreditNote InvoiceAmount InvoicePage InvoiceChangePage InvoiceIssue
            InvoiceFileInput RedLetter InvoiceRejection InvoiceNotice;
        order_exports: OrderExport OrderExportPage OrderExportInput JobFailure;
        orders: Order OrderLine LineProperty OrderAmounts Promotion PaymentInfo Receiver ReceiverInput
            OrderDeadlines OrderPage OrderChangePage OrderBatch OrderBatchResult OrderResult CloseOrderInput
            MemoInput PriceChange LinePriceChange ReceiptDelay OrderSearch OrderMemoBatch OrderMemoEntry
            OrderCloseBatch OrderCloseEntry OrderSplit OrderSplitLine OrderSplitResult OrderMerge
            MergedOrder OrderTagsInput OrderTag OrderTagPage OrderHistoryEntry OrderHistoryPage LineSnapshot
            OrderNotice;
        payments: Payment PaymentShare PaymentPage PaymentChangePage;
        promises: Promise LinePromise PromiseExtension PromiseExtensionInput;
        refunds: Refund RefundRefusalNote RefundProposalNote RefundMessage RefundHistoryEntry ReturnParcel
            RefundPage RefundChangePage RefundMessagePage RefundHistoryPage RefundBatch RefundResults
            RefundResult RefundAgreementBatch RefundAgreementEntry RefundProposal RefundExtension
            RefundMemoInput RefundMessageInput RefundAgreement RefundRefusal ReturnConfirmation
            RefundNotice;
        settlements: Settlement SettlementLine SettlementPage SettlementLinePage;
        types: BatchError;
    }
}

mod logistics {
    use super::*;
    use ecloud::logistics::{
        addresses, carriers, delivery_exceptions, freight_templates, interceptions, pickups, regions, reverse_pickups,
        self_deliveries, shipments, tracking, types, warehouses, waybill_accounts, waybill_templates, waybills,
    };

    models! {
        every_model_of_logistics_comes_through_both_formats, "logistics",
        addresses: Address AddressPage AddressInput AddressReplacement DefaultAddressInput AddressBatch
            AddressBatchResult AddressResult;
        carriers: Carrier CarrierPage Serviceability CarrierServiceability CarrierRanking RankedCarrier
            ServiceabilityQuery CarrierChoice;
        delivery_exceptions: DeliveryException DeliveryExceptionPage DeliveryExceptionChangePage
            ExceptionResolution DeliveryExceptionNotice;
        freight_templates: FreightTemplate FreightRule FreightTemplatePage FreightTemplateInput
            FreightTemplateReplacement FreightTemplateCopy FreightQuery FreightQuote;
        interceptions: Interception InterceptionPage InterceptionChangePage InterceptionInput
            InterceptionNotice;
        pickups: Pickup PickupPage PickupChangePage PickupSlot PickupSlotPage PickupInput PickupReschedule
            PickupNotice;
        regions: Region RegionPage;
        reverse_pickups: ReversePickup ReversePickupPage ReversePickupChangePage ReversePickupInput
            ReversePickupNotice;
        self_deliveries: SelfDelivery Courier SelfDeliveryPage SelfDeliveryChangePage SelfDeliveryInput
            CourierAssignment SelfDeliveryConfirmation SelfDeliveryNotice;
        shipments: Shipment ShipmentLine Parcel ShipmentPage ShipmentChangePage ShipmentBatch
            ShipmentBatchResult ShipmentResult ShipmentNote ShipmentInput ShipmentLineInput
            TrackingNumberInput ShipmentNotice;
        tracking: TrackingHistory TrackingEvent TrackingNumbers TrackingBatch TrackingResult TrackingNotice
            TrackingReport TrackingSubscription TrackingSubscriptionPage TrackingSubscriptionChangePage
            TrackingSubscriptionInput TrackingSubscriptionBatch TrackingSubscriptionBatchResult
            TrackingSubscriptionResult TrackingUpdate;
        types: BatchError;
        warehouses: Warehouse WarehousePage WarehouseCoverage WarehouseMatch WarehouseInput
            WarehouseReplacement CoverageInput;
        waybill_accounts: WaybillAccount WaybillAccountPage WaybillEntry WaybillEntryPage WaybillRecharge;
        waybill_templates: WaybillTemplate TemplateArea TemplateElement WaybillTemplatePage
            WaybillTemplateInput WaybillTemplateReplacement;
        waybills: Waybill WaybillReceiver ParcelContent PrintData WaybillPage WaybillChangePage WaybillBatch
            WaybillBatchResult WaybillResult WaybillIds PrintDataBatch PrintDataResult WaybillInput
            ChildWaybillInput WaybillPatch;
    }
}
