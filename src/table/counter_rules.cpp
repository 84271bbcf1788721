#include "table/rules.hpp"

namespace tableforge::table {

namespace {

std::unexpected<Rejection> no_such_counter() { return refuse(Reject::not_found, "there is no such counter"); }
std::unexpected<Rejection> not_your_counter() {
  return refuse(Reject::forbidden, "a counter is changed by the gm, the owner or who holds its seat");
}

bool may_change(Context const &context, Counter const &counter) {
  return context.privileged() || context.holds(counter.seat);
}

Decision changed(Counter counter, std::int64_t value) {
  if (value < counter.min) return refuse(Reject::insufficient, "the counter would fall below its minimum");
  if (value > kIntegerMax || value < -kIntegerMax) return refuse(Reject::bad_request, "the counter would overflow");
  counter.value = value;
  return CounterChanged{.counter = std::move(counter)};
}

}  // namespace

Decision decide_operation(Context const &context, CounterCreate const &create) {
  if (create.seat && context.state.find_seat(*create.seat) == nullptr) {
    return refuse(Reject::not_found, "there is no such seat");
  }
  Counter counter{.id = create.counter, .seat = create.seat, .value = 0, .min = create.min.value_or(0)};
  if (!may_change(context, counter)) return not_your_counter();
  if (context.state.find_counter(create.counter) != nullptr) {
    return refuse(Reject::conflict, "there is a counter of that name");
  }
  if (context.state.counters.size() >= kCountersMax) return refuse(Reject::full, "the table has too many counters");
  return changed(std::move(counter), create.value);
}

Decision decide_operation(Context const &context, CounterSet const &set) {
  auto const *counter = context.state.find_counter(set.counter);
  if (counter == nullptr) return no_such_counter();
  if (!may_change(context, *counter)) return not_your_counter();
  return changed(*counter, set.value);
}

Decision decide_operation(Context const &context, CounterAdd const &add) {
  auto const *counter = context.state.find_counter(add.counter);
  if (counter == nullptr) return no_such_counter();
  if (!may_change(context, *counter)) return not_your_counter();
  // Both lie within ±2^53, so the sum cannot overflow.
  return changed(*counter, counter->value + add.delta);
}

Decision decide_operation(Context const &context, CounterTransfer const &transfer) {
  auto const *from = context.state.find_counter(transfer.from);
  auto const *to = context.state.find_counter(transfer.to);
  if (from == nullptr || to == nullptr) return no_such_counter();
  if (!may_change(context, *from)) return not_your_counter();
  if (from == to) return refuse(Reject::bad_request, "from and to are the same counter");
  if (from->value - transfer.amount < from->min) {
    return refuse(Reject::insufficient, "the counter would fall below its minimum");
  }
  if (to->value + transfer.amount > kIntegerMax) return refuse(Reject::bad_request, "the counter would overflow");
  return CounterTransferred{.from = transfer.from,
                            .to = transfer.to,
                            .amount = transfer.amount,
                            .from_value = from->value - transfer.amount,
                            .to_value = to->value + transfer.amount};
}

}  // namespace tableforge::table
