#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

Router::Handler nothing() {
  return [](HttpRequest, Router::Parameters) -> boost::asio::awaitable<HttpResponse> { co_return HttpResponse{}; };
}

Router tables() {
  Router router;
  router.add("GET", "/v1/tables", nothing());
  router.add("POST", "/v1/tables", nothing());
  router.add("GET", "/v1/tables/{id}", nothing());
  router.add("GET", "/v1/tables/{id}/history", nothing());
  router.add("GET", "/v1/tables/newest", nothing());
  return router;
}

TEST(Router, FindsAPathOfWords) {
  auto const router = tables();
  auto const match = router.find("POST", "/v1/tables");
  ASSERT_NE(match.handler, nullptr);
  EXPECT_THAT(match.parameters, IsEmpty());
  EXPECT_THAT(match.allowed, IsEmpty());
}

TEST(Router, NamesTheParametersOfAPath) {
  auto const router = tables();
  auto const match = router.find("GET", "/v1/tables/a b/history");
  ASSERT_NE(match.handler, nullptr);
  EXPECT_THAT(match.parameters, ElementsAre(Pair("id", "a b")));
  EXPECT_EQ(router.patterns()[match.route], "/v1/tables/{id}/history");
}

TEST(Router, PrefersAWordToAParameter) {
  auto const router = tables();
  EXPECT_EQ(router.patterns()[router.find("GET", "/v1/tables/newest").route], "/v1/tables/newest");
  EXPECT_EQ(router.patterns()[router.find("GET", "/v1/tables/oldest").route], "/v1/tables/{id}");
}

TEST(Router, TellsTheMethodsOfAPathWhenOnlyTheMethodIsWrong) {
  auto const router = tables();
  auto const match = router.find("DELETE", "/v1/tables");
  EXPECT_EQ(match.handler, nullptr);
  EXPECT_THAT(match.allowed, UnorderedElementsAre("GET", "POST"));
  EXPECT_EQ(router.patterns()[match.route], "/v1/tables");
}

TEST(Router, KnowsNothingOfOtherPaths) {
  auto const router = tables();
  for (auto const *path : {"", "/", "/v1", "/v1/tables/", "/v1/tables//history", "/v1/tables/x/history/", "v1/tables",
                           "/v1/tables/x/y", "/V1/tables"}) {
    auto const match = router.find("GET", path);
    EXPECT_EQ(match.handler, nullptr) << path;
    EXPECT_THAT(match.allowed, IsEmpty()) << path;
    EXPECT_EQ(match.route, router.patterns().size()) << path;
  }
}

TEST(Router, ListsEachPatternOnceInOrder) {
  EXPECT_THAT(tables().patterns(),
              ElementsAre("/v1/tables", "/v1/tables/{id}", "/v1/tables/{id}/history", "/v1/tables/newest"));
}

}  // namespace
}  // namespace tableforge::gateway
