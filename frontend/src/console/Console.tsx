/** The operator's frame: who may come in, and the ways to go. The API decides for itself who may do what; this only says so early. */

import { NavLink, Route, Routes } from 'react-router';
import { OPERATORS, useSession } from '../identity/session';
import { signIn, signOut } from '../identity/signing';
import { useLanguage } from '../language/language';
import { Boundary } from '../page/Boundary';
import { LanguageSwitch } from '../page/LanguageSwitch';
import { Mark } from '../page/Mark';
import { Page } from '../page/Page';
import { Empty } from '../page/states';
import { m } from '../paraglide/messages';
import { CustomerDetail } from './pages/CustomerDetail';
import { Customers } from './pages/Customers';
import { Failed } from './pages/Failed';
import { Flow } from './pages/Flow';
import { Mails } from './pages/Mails';
import { OrderDetail } from './pages/OrderDetail';
import { Orders } from './pages/Orders';
import { Products } from './pages/Products';
import { Sales } from './pages/Sales';
import { Shipments } from './pages/Shipments';
import { Stock } from './pages/Stock';

export function Console() {
  const language = useLanguage();
  const session = useSession();
  const operates = session?.groups.includes(OPERATORS) ?? false;
  return (
    <div className="console" key={language}>
      <a className="skip" href="#main">
        {m.skip_to_content()}
      </a>
      <header className="console-head">
        <a href="/" className="console-brand">
          <Mark />
          <span>
            {m.shop_name()} <small>{m.console_name()}</small>
          </span>
        </a>
        {operates && (
          <nav aria-label={m.console_name()}>
            <NavLink to="/" end>
              {m.console_orders()}
            </NavLink>
            <NavLink to="/shipments">{m.console_shipments()}</NavLink>
            <NavLink to="/stock">{m.console_stock()}</NavLink>
            <NavLink to="/products">{m.console_products()}</NavLink>
            <NavLink to="/customers">{m.console_customers()}</NavLink>
            <NavLink to="/sales">{m.console_sales()}</NavLink>
            <NavLink to="/mails">{m.console_mails_sent()}</NavLink>
            <NavLink to="/flow">{m.console_flow()}</NavLink>
            <NavLink to="/failed">{m.console_failed()}</NavLink>
          </nav>
        )}
        <div className="console-tools">
          <LanguageSwitch />
          {session && (
            <>
              <span>{session.name}</span>
              <button type="button" className="plain" onClick={() => void signOut()}>
                {m.sign_out()}
              </button>
            </>
          )}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary>
          {operates ? (
            <Routes>
              <Route path="/" element={<Orders />} />
              <Route path="/orders/:orderId" element={<OrderDetail />} />
              <Route path="/shipments" element={<Shipments />} />
              <Route path="/stock" element={<Stock />} />
              <Route path="/products" element={<Products />} />
              <Route path="/customers" element={<Customers />} />
              <Route path="/customers/:customerId" element={<CustomerDetail />} />
              <Route path="/sales" element={<Sales />} />
              <Route path="/mails" element={<Mails />} />
              <Route path="/flow" element={<Flow />} />
              <Route path="/failed" element={<Failed />} />
              <Route path="*" element={<Nothing />} />
            </Routes>
          ) : (
            <Door signedIn={session !== undefined} />
          )}
        </Boundary>
      </main>
    </div>
  );
}

function Door({ signedIn }: { signedIn: boolean }) {
  return (
    <Page title={m.console_name()}>
      <Empty title={signedIn ? m.problem_forbidden_title() : m.console_for_operators()}>
        <p>{signedIn ? m.console_other_account() : m.console_sign_in_note()}</p>
        <button type="button" className="button button-main" onClick={() => void (signedIn ? signOut() : signIn(location.pathname))}>
          {signedIn ? m.sign_out() : m.sign_in()}
        </button>
      </Empty>
    </Page>
  );
}

function Nothing() {
  return (
    <Page title={m.not_found_title()}>
      <Empty title={m.not_found_advice()} />
    </Page>
  );
}
