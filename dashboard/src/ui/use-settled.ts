import { useEffect, useState } from 'react';

/** A value once it has stayed the same for a moment, so that not every key that is pressed asks the hub. */
export function useSettled<Value extends string>(value: Value, ms = 400): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
