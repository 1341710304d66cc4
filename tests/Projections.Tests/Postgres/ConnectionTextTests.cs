using Npgsql;
using Projections.Postgres;

namespace Projections.Tests.Postgres;

public sealed class ConnectionTextTests
{
    [Theory]
    [InlineData("postgres://ana:h%40sh%3A1@db.example:5433/shop?sslmode=require&application_name=x", "Host=db.example;Port=5433;Username=ana;Password=h@sh:1;Database=shop;SSL Mode=Require;Application Name=x")]
    [InlineData("postgresql://ana@localhost/shop", "Host=localhost;Username=ana;Database=shop")]
    [InlineData("postgres://ana:a:b@[::1]:6000/shop?sslmode=verify-full", "Host=[::1];Port=6000;Username=ana;Password=a:b;Database=shop;SSL Mode=VerifyFull")]
    [InlineData("postgres://a:b@one:1,two:2/shop?target_session_attrs=read-write", "Host=one:1,two:2;Username=a;Password=b;Database=shop;Target Session Attributes=read-write")]
    [InlineData("postgres:///shop?host=/run/postgresql&user=ana", "Host=/run/postgresql;Username=ana;Database=shop")]
    [InlineData("Host=localhost;Database=shop;Password=\"a;b=c\"", "Host=localhost;Database=shop;Password=\"a;b=c\"")]
    public void A_URL_and_keys_say_the_same(string text, string keys) =>
        new NpgsqlConnectionStringBuilder(keys).EquivalentTo(new NpgsqlConnectionStringBuilder(ConnectionText.ToConnectionString(text)))
            .ShouldBeTrue(ConnectionText.ToConnectionString(text));

    [Theory]
    [InlineData("Host=localhost;Usrename=ana", "has the key 'usrename', which is no such key; 'Username' is one")]
    [InlineData("postgres://localhost/shop?sslmod=require", "has the key 'sslmod', which is no such key; 'SSL Mode' is one")]
    [InlineData("Host=localhost;Password=hush;sssh=1", "has a key that is none (a value with ';' or '=' in it must stand in quotes)")]
    [InlineData("Host=localhost;Port=many", "has a value of 'port' that cannot be used")]
    [InlineData("Database=shop", "names no Host")]
    [InlineData("postgres:///shop", "names no host")]
    [InlineData("mysql://localhost/shop", "is a URL of something other than PostgreSQL; expected is postgres://user:password@host:5432/database")]
    public void What_cannot_be_understood_is_said_without_a_value(string text, string problem) =>
        Should.Throw<FormatException>(() => ConnectionText.ToConnectionString(text)).Message.ShouldBe(problem);
}
