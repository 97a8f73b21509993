/** The caller's profile and addresses, as the pages of the account and the checkout read them. */

import { useQuery } from '@tanstack/react-query';
import { addressesOf, profileOf } from '../../api/account';
import { ApiProblem } from '../../api/problem';
import type { Caller } from '../../api/shopper';
import { callerKey, useCaller } from '../caller';

/** Whether anything can be kept of the caller: a guest without a token is nobody yet. */
export const isSomebody = (caller: Caller): boolean => caller.kind === 'customer' || caller.token !== undefined;

export const isErased = (error: unknown): boolean => error instanceof ApiProblem && error.status === 410;

export function useProfile() {
  const caller = useCaller();
  return useQuery({ queryKey: ['account', callerKey(caller), 'profile'], queryFn: () => profileOf(caller), enabled: isSomebody(caller) });
}

export function useAddresses() {
  const caller = useCaller();
  return useQuery({ queryKey: ['account', callerKey(caller), 'addresses'], queryFn: () => addressesOf(caller), enabled: isSomebody(caller) });
}
