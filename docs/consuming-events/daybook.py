"""A day-book: what was sold, and what left the house. It stands for whatever a consumer does about events.

What an event does to the book, and that it was handled, are one transaction. So an event counts once, however often and
whenever it comes again, and a crash between the two is no case to think of.
"""

import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, handled_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS sales (currency TEXT PRIMARY KEY, orders INTEGER NOT NULL, amount_minor INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS parcels (carrier TEXT PRIMARY KEY, parcels INTEGER NOT NULL);
"""


class Daybook:
    """The book in a SQLite file."""

    def __init__(self, path):
        self._database = sqlite3.connect(path)
        self._database.executescript(TABLES)
        self._pages = {
            "orders.OrderConfirmed.v1": self._sold,
            "shipping.ShipmentDispatched.v1": self._dispatched,
        }

    def event_types(self):
        """What the book wants to hear."""
        return list(self._pages)

    def enter(self, event):
        """Enters an event. False says that it was there already, and nothing has changed."""
        with self._database:
            inserted = self._database.execute("INSERT OR IGNORE INTO handled (id) VALUES (?)", [event["id"]])
            if inserted.rowcount == 0:
                return False
            self._pages[event["type"]](event["data"])
            return True

    def _sold(self, data):
        self._database.execute(
            "INSERT INTO sales VALUES (?, 1, ?) ON CONFLICT (currency) DO UPDATE"
            " SET orders = orders + 1, amount_minor = amount_minor + excluded.amount_minor",
            [data["total"]["currency"], data["total"]["amount_minor"]],
        )

    def _dispatched(self, data):
        self._database.execute(
            "INSERT INTO parcels VALUES (?, 1) ON CONFLICT (carrier) DO UPDATE SET parcels = parcels + 1",
            [data["carrier"]],
        )

    def summary(self):
        """The totals."""
        sales = self._database.execute("SELECT currency, orders, amount_minor FROM sales ORDER BY currency")
        parcels = self._database.execute("SELECT carrier, parcels FROM parcels ORDER BY carrier")
        return {
            "sales": [dict(zip(("currency", "orders", "amount_minor"), row)) for row in sales],
            "parcels": dict(parcels.fetchall()),
        }
