"""The PostgreSQL that the other tests stand on."""

import sqlalchemy as sa


def test_the_url_reaches_a_real_and_empty_postgresql(postgres_url):
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.dialect.name == "postgresql"
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("create table claim (id int)"))
    engine.dispose()


def test_each_test_has_a_database_of_its_own(postgres, postgres_url):
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    engine.dispose()
    assert postgres.url("other") != postgres_url


def test_the_cluster_listens_on_no_network_address(postgres_url):
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("show listen_addresses")) == ""
    engine.dispose()


def test_the_kept_database_is_empty_after_each_test_and_made_anew_when_its_shape_changed(postgres_kept):
    engine = sa.create_engine(postgres_kept.url)
    with engine.begin() as connection:
        connection.execute(sa.text("insert into payer (name, aliases, appeals_address) values ('Lone', '[]', '[]')"))
    first = postgres_kept.url
    postgres_kept.empty()
    assert postgres_kept.url == first
    engine.dispose()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from payer")) == 0
        assert connection.scalar(sa.text("select nextval('payer_id_seq')")) == 1
        connection.execute(sa.text("drop trigger event_is_not_edited on event"))
        connection.commit()
    engine.dispose()
    postgres_kept.empty()
    assert postgres_kept.url != first
