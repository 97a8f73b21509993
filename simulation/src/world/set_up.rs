//! How a world begins: its contexts, its goods and people, what is planned.

use std::sync::Arc;

use carts::Carts;
use catalog::Catalog;
use door::{Context, Door, Function, NoDeadLetters};
use inventory::Inventory;
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use rustc_hash::{FxHashMap, FxHashSet};
use shipping::Shipping;
use store::MemoryStore;

use super::{BEGINNING, Phase, World, fabric};
use crate::agenda::Due;
use crate::audit::Audit;
use crate::fabric::Fabric;
use crate::faults::Fault;
use crate::logs::Logs;
use crate::people::{Errand, Goods, Plan, What, callers};
use crate::ports::{
    WorldClock, WorldDeadLetters, WorldMailer, WorldProvider, WorldPublisher, WorldStore,
};
use crate::settings::Settings;
use crate::site::Site;
use crate::world::schedule::Window;

/// The secret that the provider signs webhooks with now, and the one that it did before.
pub(super) const SECRETS: [&str; 2] = ["whsec_world_new", "whsec_world_old"];

impl World {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        let fabric = fabric(settings, seed);
        let table =
            |site, indexes| WorldStore::new(MemoryStore::new(indexes), Arc::clone(&fabric), site);
        let stores = [
            table(Site::Catalog, catalog::INDEXES),
            table(Site::Inventory, inventory::INDEXES),
            table(Site::Orders, orders::INDEXES),
            table(Site::Payments, payments::INDEXES),
            table(Site::Shipping, shipping::INDEXES),
            table(Site::Notifications, notifications::INDEXES),
            table(Site::Carts, carts::INDEXES),
        ];
        let [catalogs, stock, placed, paid, shipped, told, carted] = stores.clone();
        let provider = Arc::new(WorldProvider(Arc::clone(&fabric)));
        let mail = notifications::Config {
            mail_from: "shop@example.com".to_owned(),
            shop_name: "World".to_owned(),
            shop_url: "https://shop.example.com".to_owned(),
        };
        let mailer = WorldMailer(Arc::clone(&fabric));
        let functions = [
            Function::new(
                Door::new(
                    Arc::new(Catalog::new(catalogs)),
                    WorldPublisher {
                        fabric: Arc::clone(&fabric),
                        site: Site::Catalog,
                    },
                    NoDeadLetters,
                    WorldClock(Arc::clone(&fabric)),
                )
                .with_callers(callers()),
            ),
            function(&fabric, Site::Inventory, Inventory::new(stock)),
            function(
                &fabric,
                Site::Orders,
                Orders::new(placed, orders::Config::default()),
            ),
            function(
                &fabric,
                Site::Payments,
                Payments::new(paid, provider, SECRETS.map(str::to_owned).to_vec()),
            ),
            function(&fabric, Site::Shipping, Shipping::new(shipped)),
            function(
                &fabric,
                Site::Notifications,
                Notifications::new(told, mailer, &mail),
            ),
            function(&fabric, Site::Carts, Carts::new(carted)),
        ];
        let (customers, goods) = {
            let mut parts = fabric.parts();
            let most = settings.skus.max(1);
            let skus = if most <= 8 {
                most
            } else {
                most / 2 + parts.dice.below(u64::from(most / 2)) as u16
            };
            let customers = 3 + parts.dice.below(u64::from(settings.orders / 5 + 1)) as u32;
            (
                customers,
                Goods::draw(&mut parts.dice, skus, settings.orders),
            )
        };
        Self {
            settings: settings.clone(),
            phase: Phase::SetUp,
            functions,
            stores,
            hears: hears(),
            queues: Default::default(),
            streams: Default::default(),
            tasks: Vec::new(),
            audit: Audit::new(BEGINNING),
            set_up: goods.set_up(customers),
            goods,
            customers,
            plans: Vec::new(),
            by_order: FxHashMap::default(),
            hints: Vec::new(),
            cancelled_at: FxHashMap::default(),
            due: Default::default(),
            due_of: Default::default(),
            ticks_at: Default::default(),
            rates: settings.rates.clone(),
            windows: Vec::new(),
            again: Vec::new(),
            mails: FxHashSet::default(),
            sent_mails: FxHashMap::default(),
            serial: 0,
            happenings: 0,
            span_ms: 0,
            closes_at: 0,
            logs: Logs::new(settings.trace),
            fabric,
        }
    }

    /// Sends the first request of those that set up the shop; each answer sends the next.
    pub(super) fn begin_set_up(&mut self) {
        self.later(1, Due::Errand(Errand::new(What::SetUp, 0, 0)));
    }

    /// Switches the faults on, and puts down who comes when.
    pub(super) fn begin_trading(&mut self) {
        self.phase = Phase::Trading;
        let fabric = Arc::clone(&self.fabric);
        let mut parts = fabric.parts();
        let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
        if self.settings.mixes {
            let rates = self.rates.clone();
            self.rates = rates.mixed(&mut parts.dice);
        }
        parts.rates = self.rates.clone();
        parts.is_instant = !self.settings.takes_time;
        parts.calls = 0;
        parts.crash_points = self.settings.crash_points.clone();
        self.span_ms = match parts.dice.below(10) {
            // A burst, ten times what is usual.
            0 | 1 => 2 * minute,
            2..=5 => 30 * minute,
            6..=8 => 4 * hour,
            _ => 2 * day,
        };
        if let Some(span_ms) = self.settings.span_ms {
            self.span_ms = span_ms;
        }
        // A small world has one cart at least, and a large one not so many that filling them is most of what it does.
        let one_cart_in = if self.settings.orders < 50 { 5 } else { 10 };
        for order in 0..self.settings.orders {
            let plan = match &self.settings.script {
                Some(script) => script.plan(&mut parts, order, &self.goods, self.customers),
                None => Plan::draw(&mut parts, order, &self.goods, self.customers).by_cart(
                    order,
                    self.customers,
                    one_cart_in,
                ),
            };
            let at = parts.dice.between(0, self.span_ms);
            if plan.cart.is_some() {
                parts.later(at, Due::Errand(Errand::new(What::Fill, order, 0)));
                self.plans.push(plan);
                continue;
            }
            self.by_order.insert(plan.order_id.clone(), order);
            parts.later(at, Due::Errand(Errand::new(What::Place, order, 0)));
            if plan.twice {
                let after = parts.dice.between(0, 20);
                parts.later(at + after, Due::Errand(Errand::new(What::Place, order, 1)));
            }
            self.plans.push(plan);
        }
        if self.settings.script.is_none() {
            let acts = (self.settings.orders / 10).max(1);
            for number in 0..acts as u16 {
                let what = match parts.dice.below(5) {
                    0 | 1 => What::ChangePrice,
                    2 => What::Receive,
                    3 => What::Adjust,
                    _ => What::Threshold,
                };
                let at = parts.dice.between(0, self.span_ms);
                let about = parts.dice.below(u64::from(self.goods.skus)) as u32;
                parts.later(at, Due::Errand(Errand::new(what, about, number)));
            }
            if parts.dice.below(4) == 0 {
                let at = parts.dice.between(self.span_ms / 2, self.span_ms);
                let product = parts.dice.below(u64::from(self.goods.products())) as u32;
                parts.later(at, Due::Errand(Errand::new(What::Retire, product, 0)));
            }
            for number in 0..2 {
                let at = parts.dice.between(0, self.span_ms + hour);
                parts.later(at, Due::Errand(Errand::new(What::ListOpen, 0, number)));
            }
        }
        let mut window =
            |parts: &mut crate::fabric::Parts, fault: Fault, site: Site, length: i64| {
                let at = parts.dice.between(0, self.span_ms);
                self.windows.push(Window {
                    fault,
                    site,
                    length,
                });
                parts.later(at, Due::Window((self.windows.len() - 1) as u8));
            };
        if parts.draws(Fault::ProviderDownHour) {
            window(&mut parts, Fault::ProviderDownHour, Site::Payments, hour);
        }
        // Notifications says nothing that a stream would publish.
        for site in [
            Site::Orders,
            Site::Shipping,
            Site::Payments,
            Site::Catalog,
            Site::Inventory,
            Site::Carts,
        ] {
            if parts.draws(Fault::RelayDeadHour) {
                window(&mut parts, Fault::RelayDeadHour, site, hour);
            } else if parts.draws(Fault::RelayDead25Hours) {
                window(&mut parts, Fault::RelayDead25Hours, site, 25 * hour);
            }
        }
        // The latest that anybody means to do is to dispatch about when a hold of seven days ends.
        parts.later(self.span_ms + self.settings.trades_for_ms, Due::Phase);
    }
}

fn function<C: Context>(fabric: &Arc<Fabric>, site: Site, context: C) -> Function {
    Function::new(
        Door::new(
            Arc::new(context),
            WorldPublisher {
                fabric: Arc::clone(fabric),
                site,
            },
            WorldDeadLetters {
                fabric: Arc::clone(fabric),
                site,
            },
            WorldClock(Arc::clone(fabric)),
        )
        .with_callers(callers()),
    )
}

/// Who hears each type of event, a bit for each context: the filter policies, which a test compares with this.
fn hears() -> FxHashMap<&'static str, u8> {
    let mut hears = FxHashMap::default();
    let declared: [(Site, &'static [&'static str]); 6] = [
        (Site::Inventory, Inventory::<WorldStore>::HEARS),
        (Site::Orders, Orders::<WorldStore>::HEARS),
        (Site::Payments, Payments::<WorldStore, WorldProvider>::HEARS),
        (Site::Shipping, Shipping::<WorldStore>::HEARS),
        (
            Site::Notifications,
            Notifications::<WorldStore, WorldMailer>::HEARS,
        ),
        (Site::Carts, Carts::<WorldStore>::HEARS),
    ];
    for (site, types) in declared {
        for event_type in types {
            *hears.entry(*event_type).or_insert(0) |= 1 << site as u8;
        }
    }
    hears
}
