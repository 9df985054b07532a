//! The tests' own PostgreSQL: that it is there, survives what tests do to it, and goes.

#[path = "support/postgres.rs"]
pub mod postgres;

use postgres::{Postgres, Stop, psql, shared, url_for};
use std::path::Path;

#[test]
fn a_server_survives_what_tests_do_to_it() {
    let mut server = Postgres::start();
    let url = server.create_database();
    psql(&url, "CREATE TABLE kept (n INT)");
    for (n, how) in [Stop::Fast, Stop::Immediate, Stop::Kill]
        .into_iter()
        .enumerate()
    {
        psql(&url, &format!("INSERT INTO kept VALUES ({n})"));
        server.stop(how);
        server.start_again();
    }
    server.pause();
    server.resume();
    assert_eq!(psql(&url, "SELECT n FROM kept ORDER BY n"), "0\n1\n2\n");
}

#[test]
fn each_directory_has_a_database() {
    let (one, two) = (url_for(Path::new("one")), url_for(Path::new("two")));
    assert_ne!(one, two);
    assert_eq!(one, url_for(Path::new("one")));
    let version = shared().psql("postgres", "SHOW fsync");
    assert_eq!(version, "on\n");
}
