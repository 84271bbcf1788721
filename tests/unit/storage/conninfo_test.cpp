#include "storage/conninfo.hpp"

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

TEST(Conninfo, AddsDeadlinesAndTheDemandForAPrimary) {
  auto const out = conninfo("postgresql://ann:secret@db.example:5433/games");
  ASSERT_TRUE(out);
  for (char const *part : {"user='ann'", "password='secret'", "host='db.example'", "port='5433'", "dbname='games'",
                           "connect_timeout='3'", "keepalives='1'", "tcp_user_timeout='15000'",
                           "target_session_attrs='read-write'", "application_name='tableforge'"}) {
    EXPECT_TRUE(out->contains(part)) << part;
  }
}

TEST(Conninfo, LeavesTheOperatorsOwnChoices) {
  auto const out = conninfo("postgresql://db/games?connect_timeout=30&target_session_attrs=any");
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->contains("connect_timeout='30'"));
  EXPECT_FALSE(out->contains("connect_timeout='3'"));
  EXPECT_TRUE(out->contains("target_session_attrs='any'"));
  EXPECT_FALSE(out->contains("read-write"));
}

TEST(Conninfo, QuotesValues) {
  auto const out = conninfo("postgresql://ann:it%27s%5C@db/games");
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->contains("password='it\\'s\\\\'"));
  EXPECT_TRUE(conninfo(*out)) << "must be readable by libpq";
  EXPECT_TRUE(conninfo(*out)->contains("password='it\\'s\\\\'"));
}

TEST(Conninfo, RefusesWhatLibpqCannotRead) {
  EXPECT_FALSE(conninfo("postgresql://db/games?no_such_option=1"));
  EXPECT_FALSE(conninfo("nonsense"));
}

}  // namespace
}  // namespace tableforge::storage
