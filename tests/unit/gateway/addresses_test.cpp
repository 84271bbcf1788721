#include "gateway/addresses.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/connection_limit.hpp"

namespace tableforge::gateway {
namespace {

namespace ip = boost::asio::ip;
using namespace std::chrono_literals;
using metrics::AddressLimit;
using Entry = Addresses::Entry;

AddressKey key(std::string const &address) { return address_key(ip::make_address(address)); }

class AddressesTest : public testing::Test {
 protected:
  Addresses::Clock::time_point now_{1h};
  metrics::GatewayMetrics metrics_;
};

TEST_F(AddressesTest, CountIpv6ByTheNetworkOfACustomer) {
  EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
  EXPECT_NE(key("198.51.100.1"), key("198.51.100.2"));
  EXPECT_EQ(key("198.51.100.1"), key("::ffff:198.51.100.1"));
  EXPECT_NE(key("127.0.0.1"), 0u);
}

TEST_F(AddressesTest, HoldOneAddressToItsConnections) {
  Addresses addresses({.connections = 2}, metrics_);
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::counted);
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::counted);
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::refused);
  EXPECT_EQ(addresses.enter(key("198.51.100.2"), now_), Entry::counted);
  EXPECT_EQ(metrics_.address_refused.at(AddressLimit::connections).value(), 1u);

  addresses.leave(key("198.51.100.1"));
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::counted);
}

TEST_F(AddressesTest, HoldOneAddressToItsRatesAndTellHowLongToWait) {
  Addresses addresses({.requests_per_second = 2, .upgrades_per_second = 1}, metrics_);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(addresses.request(key("198.51.100.1"), now_)) << i;
  EXPECT_EQ(addresses.request(key("198.51.100.1"), now_), 500ms);
  EXPECT_FALSE(addresses.request(key("198.51.100.2"), now_));
  EXPECT_FALSE(addresses.upgrade(key("198.51.100.1"), now_));
  EXPECT_FALSE(addresses.request(key("198.51.100.1"), now_ + 500ms));
  EXPECT_EQ(metrics_.address_refused.at(AddressLimit::requests).value(), 1u);
  EXPECT_EQ(metrics_.address_refused.at(AddressLimit::upgrades).value(), 0u);
}

TEST_F(AddressesTest, CountNothingWithoutLimits) {
  Addresses addresses({}, metrics_);
  EXPECT_FALSE(addresses.limited());
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::uncounted);
  EXPECT_FALSE(addresses.request(key("198.51.100.1"), now_));
  EXPECT_EQ(metrics_.addresses_known.value(), 0);
}

TEST_F(AddressesTest, ForgetWhoRestsAndNeverWhoIsConnected) {
  Addresses addresses({.connections = 1, .requests_per_second = 1}, metrics_, 1'600);
  ASSERT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::counted);
  for (unsigned i = 0; i < 20'000; ++i) {
    now_ += 10ms;  // Within the five seconds of a burst 500 addresses come.
    EXPECT_FALSE(addresses.request(address_key(ip::address_v4(i)), now_));
    ASSERT_LE(metrics_.addresses_known.value(), 1'600);
  }
  EXPECT_EQ(metrics_.addresses_uncounted.value(), 0u);
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_), Entry::refused);
}

TEST_F(AddressesTest, LetPeopleInUncountedWhenAllThatAreKnownAreBusy) {
  Addresses addresses({.connections = 1}, metrics_, 160);
  std::vector<AddressKey> counted;
  for (unsigned i = 1; i <= 1'000; ++i) {
    auto const each = address_key(ip::address_v4(i));
    auto const entry = addresses.enter(each, now_);
    ASSERT_NE(entry, Entry::refused);
    if (entry == Entry::counted) counted.push_back(each);
  }
  EXPECT_LE(counted.size(), 160u);
  EXPECT_EQ(metrics_.addresses_uncounted.value(), 1'000 - counted.size());
  EXPECT_EQ(addresses.enter(counted.front(), now_), Entry::refused);

  for (auto const each : counted) addresses.leave(each);
  EXPECT_EQ(addresses.enter(key("198.51.100.1"), now_ + 10s), Entry::counted);
}

TEST_F(AddressesTest, KeepCountAmongThreads) {
  Addresses addresses({.connections = 100}, metrics_, 64);
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 2'000; ++i) {
        auto const each = address_key(ip::address_v4((i * (t + 1)) % 200 + 1));
        if (addresses.enter(each, now_ + std::chrono::milliseconds(i)) == Entry::counted) addresses.leave(each);
      }
    });
  }
  threads.clear();
  for (int i = 0; i < 100; ++i) ASSERT_NE(addresses.enter(key("0.0.0.7"), now_ + 1h), Entry::refused);
}

TEST_F(AddressesTest, ASlotGivesItsPlaceBackOnceHoweverItMoves) {
  ConnectionLimitPtr const limit(new ConnectionLimit(10, {.connections = 1}, metrics_));
  {
    auto slot = limit->admit();
    ASSERT_TRUE(slot && slot->claim(key("198.51.100.1"), now_));
    ASSERT_TRUE(slot->claim(key("198.51.100.1"), now_));  // Once is enough.
    ConnectionSlot moved(std::move(*slot));
    EXPECT_FALSE(limit->admit()->claim(key("198.51.100.1"), now_));
  }
  EXPECT_TRUE(limit->admit()->claim(key("198.51.100.1"), now_));
  EXPECT_TRUE(limit->admit()->claim(key("198.51.100.1"), now_));
  static_assert(sizeof(ConnectionSlot) == 16);
}

}  // namespace
}  // namespace tableforge::gateway
