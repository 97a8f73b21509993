/** The storefront's frame and its routes. The first page is in the first load; every other is fetched when it is gone to. */

import { Suspense, lazy } from 'react';
import { Route, Routes } from 'react-router';
import { m } from '../paraglide/messages';
import { useLanguage } from '../language/language';
import { Boundary } from '../page/Boundary';
import { Loading } from '../page/states';
import { Noren } from './parts/Noren';
import { Footer } from './parts/Footer';
import { Home } from './pages/Home';

const Search = lazy(() => import('./pages/Search'));
const ProductPage = lazy(() => import('./pages/ProductPage'));
const CartPage = lazy(() => import('./pages/CartPage'));
const Checkout = lazy(() => import('./pages/Checkout'));
const Orders = lazy(() => import('./pages/Orders'));
const OrderPage = lazy(() => import('./pages/OrderPage'));
const AccountPage = lazy(() => import('./pages/AccountPage'));
const SignedIn = lazy(() => import('./pages/SignedIn'));
const NotFound = lazy(() => import('./pages/NotFound'));

export function Shop() {
  // Everything beneath speaks the language; a change of it draws everything anew.
  const language = useLanguage();
  return (
    <div className="frame" key={language}>
      <a className="skip" href="#main">
        {m.skip_to_content()}
      </a>
      <Noren />
      <main id="main" tabIndex={-1}>
        <Boundary>
          <Suspense fallback={<Loading />}>
            <Routes>
              <Route path="/" element={<Home />} />
              <Route path="/search" element={<Search />} />
              <Route path="/products/:productId" element={<ProductPage />} />
              <Route path="/cart" element={<CartPage />} />
              <Route path="/checkout" element={<Checkout />} />
              <Route path="/orders" element={<Orders />} />
              <Route path="/orders/:orderId" element={<OrderPage />} />
              <Route path="/account" element={<AccountPage />} />
              <Route path="/signed-in" element={<SignedIn />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Boundary>
      </main>
      <Footer />
    </div>
  );
}
