#include "relay/company.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/relay/people.hpp"

namespace tableforge::relay {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class CompanyTest : public testing::Test {
 protected:
  static constexpr Company::Clock::time_point kBegin{};
  Uuid const here = Uuid::random();
  Uuid const there = Uuid::random();
  PlayerId const ann = player(1);
  PlayerId const bob = player(2);
  Company company;
};

TEST_F(CompanyTest, BeginsWithAGreetingAndEndsWithAFarewell) {
  EXPECT_TRUE(company.empty());
  auto const greeted = company.greeted(here, {ann, bob}, kBegin);
  EXPECT_THAT(greeted.came, ElementsAre(ann, bob));
  EXPECT_TRUE(greeted.first_heard);
  EXPECT_FALSE(company.empty());
  EXPECT_TRUE(company.online(ann));

  auto const parted = company.parted(here);
  EXPECT_THAT(parted.left, ElementsAre(ann, bob));
  EXPECT_TRUE(company.empty());
  EXPECT_FALSE(company.online(ann));
}

TEST_F(CompanyTest, AGreetingTellsAllWhoAreOnline) {
  company.greeted(here, {ann}, kBegin);
  auto const again = company.greeted(here, {bob, bob}, kBegin);
  EXPECT_FALSE(again.first_heard);
  EXPECT_THAT(again.came, ElementsAre(bob));
  EXPECT_THAT(again.left, ElementsAre(ann));
  EXPECT_EQ(company.size(), 1U);
}

TEST_F(CompanyTest, SomebodyAtTwoInstancesIsOnlineUntilTheyLeaveBoth) {
  company.greeted(here, {ann}, kBegin);
  EXPECT_THAT(company.greeted(there, {ann}, kBegin).came, IsEmpty());
  EXPECT_THAT(company.left(here, ann).left, IsEmpty());
  EXPECT_TRUE(company.online(ann));
  EXPECT_THAT(company.left(there, ann).left, ElementsAre(ann));
  EXPECT_FALSE(company.online(ann));
}

TEST_F(CompanyTest, ComingTwiceIsComingOnce) {
  company.greeted(here, {}, kBegin);
  EXPECT_THAT(company.came(here, ann).came, ElementsAre(ann));
  EXPECT_THAT(company.came(here, ann).came, IsEmpty());
  EXPECT_THAT(company.left(here, ann).left, ElementsAre(ann));
  EXPECT_THAT(company.left(here, ann).left, IsEmpty());
}

TEST_F(CompanyTest, WhoHasNotGreetedIsNotThere) {
  EXPECT_THAT(company.came(here, ann).came, IsEmpty());
  EXPECT_THAT(company.parted(here).left, IsEmpty());
  company.heard(here, kBegin);
  EXPECT_TRUE(company.empty());
  EXPECT_FALSE(company.online(ann));
}

TEST_F(CompanyTest, WhoFallsSilentIsForgottenWithItsPeople) {
  company.greeted(here, {ann}, kBegin);
  company.greeted(there, {bob}, kBegin + 5s);

  EXPECT_EQ(company.forget(kBegin).forgotten, 0U) << "heard at that very moment";
  auto const change = company.forget(kBegin + 1ms);

  EXPECT_EQ(change.forgotten, 1U);
  EXPECT_THAT(change.left, ElementsAre(ann));
  EXPECT_FALSE(company.knows(here));
  EXPECT_TRUE(company.knows(there));
  auto const rest = company.forget(kBegin + 6s);
  EXPECT_THAT(rest.left, ElementsAre(bob));
  EXPECT_TRUE(company.empty());
}

TEST_F(CompanyTest, SomebodyAtTwoInstancesThatFallSilentTogetherLeavesOnce) {
  company.greeted(here, {ann}, kBegin);
  company.greeted(there, {ann}, kBegin);
  auto const change = company.forget(kBegin + 1s);
  EXPECT_EQ(change.forgotten, 2U);
  EXPECT_THAT(change.left, ElementsAre(ann));
}

TEST_F(CompanyTest, AnythingHeardIsASignOfLife) {
  company.greeted(here, {ann}, kBegin);
  company.heard(here, kBegin + 10s);
  EXPECT_EQ(company.forget(kBegin + 10s).forgotten, 0U);
  company.heard(here, kBegin + 3s);
  EXPECT_EQ(company.forget(kBegin + 10s).forgotten, 0U) << "an older one takes nothing back";
}

TEST_F(CompanyTest, HasABound) {
  for (std::size_t i = 0; i < Company::kInstancesMax + 5; ++i) {
    company.greeted(Uuid::random(), {player(static_cast<std::uint8_t>(i))}, kBegin);
  }
  EXPECT_EQ(company.size(), Company::kInstancesMax);
  Company small;
  small.greeted(here, std::vector<PlayerId>(Company::kOnlineMax), kBegin);
  small.greeted(here, {}, kBegin);
  for (std::size_t i = 0; i < Company::kOnlineMax + 5; ++i) {
    PlayerId one;
    one.value.bytes[0] = static_cast<std::uint8_t>(i % 256);
    one.value.bytes[1] = static_cast<std::uint8_t>(i / 256);
    small.came(here, one);
  }
  EXPECT_EQ(small.greeted(here, {}, kBegin).left.size(), Company::kOnlineMax);
}

}  // namespace
}  // namespace tableforge::relay
