using Projections.SqlProjections;
using Projections.Tables;
using Projections.Testing.Specs;

namespace Projections.Testing;

/// <summary>
/// Says what a version makes of events, in a test of any framework and without a database. The events go through the encoder, decoder, upcasters and
/// fold that a replay uses. Beside the order given they are folded in other ways that must not matter (other batch ends, rows that go out of memory
/// and come back, kills, other streams in between, another process), so that a handler which is not pure is found.
/// </summary>
/// <example><code>
/// ProjectionSpec.For(new InvoiceSummaryV2())
///     .Given(invoice, new InvoiceIssued("R-1", "acme", "EUR", due), new LineAdded(1, "Bolt M8", 4, 25m))
///     .Then(invoice, row => Assert.Equal(100m, row.Net))
///     .ThenNothingElse();
/// </code></example>
public static class ProjectionSpec
{
    /// <summary>A spec for a version that is a fold.</summary>
    /// <param name="version">The version, made as the program makes it: by its constructor without parameters.</param>
    public static ProjectionSpec<TKey, TRow> For<TKey, TRow>(TableProjection<TKey, TRow> version)
        where TKey : notnull
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(version);
        return new(new TableSubject<TKey, TRow>(version));
    }

    /// <summary>
    /// A spec for a version that is made of SQL statements, which only a database can run: say <see cref="ProjectionSpec{TKey, TRow}.InPostgres()"/>.
    /// A row's key is the value of its primary key, or a tuple of them.
    /// </summary>
    public static ProjectionSpec<object, SqlRow> For(SqlProjection version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new(new SqlSubject(version));
    }
}
