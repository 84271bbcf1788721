#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "storage/embedded_migrations.hpp"

namespace tableforge::storage {
namespace {

TEST(EmbeddedMigrations, AreNumberedFromOneWithoutAGap) {
  auto const all = embedded_migrations();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].version, static_cast<int>(i) + 1);
    std::string const number = std::to_string(all[i].version);
    EXPECT_TRUE(all[i].name.starts_with(std::string(4 - number.size(), '0') + number + "_")) << all[i].name;
    EXPECT_TRUE(all[i].sql.contains(" table ")) << all[i].name;
  }
}

/// Without comments, in lower case, and with single blanks.
std::string statements_of(std::string_view sql) {
  std::string out;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql.substr(at).starts_with("--")) at = std::min(sql.find('\n', at), sql.size() - 1);
    bool const blank = sql[at] == ' ' || sql[at] == '\n' || sql[at] == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(sql[at])));
  }
  return out;
}

/// Whether a program that knows nothing of it may fail, or write what is not to be, once it is applied.
bool takes_something_away(std::string const &statements) {
  for (auto const *words :
       {"drop table", "drop column", "drop default", "drop schema", "drop function", "rename ", "set not null",
        " type ", "set data type", "add constraint", "add check", "add unique", "add primary key", "add foreign key",
        "create unique index", "truncate ", "delete from", "revoke "}) {
    if (statements.contains(words)) return true;
  }
  // A column that must be given, but by programs that know of it.
  for (auto at = statements.find("add column"); at != std::string::npos; at = statements.find("add column", at + 1)) {
    auto const column = statements.substr(at, statements.find_first_of(",;", at) - at);
    if (column.contains("not null") && !column.contains("default")) return true;
  }
  return false;
}

TEST(Migrations, AreServedByOlderProgramsUnlessTheyTakeSomethingAway) {
  for (auto const &each : embedded_migrations()) {
    EXPECT_GE(each.served_from, 1) << each.name;
    EXPECT_LE(each.served_from, each.version) << each.name;
    if (takes_something_away(statements_of(each.sql))) {
      EXPECT_EQ(each.served_from, each.version)
          << each.name << " takes something away: expand in one release, contract in a later one";
    }
  }
}

TEST(Migrations, ThatTakeSomethingAwayAreKnown) {
  for (auto const *taking :
       {"alter table player drop column name;", "ALTER TABLE player\n  RENAME TO people;", "drop table player",
        "alter table player alter column name set not null", "alter table player alter name type int",
        "alter table player add column colour text not null;", "create unique index one on player (name)",
        "alter table a add column b int not null default 1, add column c int not null;"}) {
    EXPECT_TRUE(takes_something_away(statements_of(taking))) << taking;
  }
  for (auto const *adding :
       {"create table a (b int not null);", "alter table a add column b int;", "create index one on a (b);",
        "alter table a add column b timestamptz not null default now();", "-- drop table a\ncreate table b (c int);"}) {
    EXPECT_FALSE(takes_something_away(statements_of(adding))) << adding;
  }
}

}  // namespace
}  // namespace tableforge::storage
