using System.Text.Json;
using Npgsql;

namespace Projections.Definitions;

/// <summary>Rows of a version as JSON: an object with a member for each column, named as the column is, and values as PostgreSQL's <c>to_json</c> has them.</summary>
internal interface IRowJson
{
    /// <summary>Writes the columns of a row that are shown.</summary>
    void Write(Utf8JsonWriter json, object row);

    /// <summary>Writes the columns of a row's key, shown or not.</summary>
    void WriteKey(Utf8JsonWriter json, object row);

    /// <summary>Reads a row from the first columns of a result, which are those of the version in their order.</summary>
    object Read(NpgsqlDataReader reader);
}
