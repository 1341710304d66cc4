using System.Text;
using Projections.Definitions;
using Projections.Tests.Definitions.Folders.Complete.V1;

namespace Projections.Tests.Definitions;

public sealed class VersionFilesTests
{
    [Fact]
    public void The_files_of_a_versions_folder_are_in_its_assembly()
    {
        var files = new CompleteV1().Files;

        files.Folder.ShouldBe("Projections.Tests/Definitions/Folders/Complete/V1");
        files.TableSql.ShouldBe("create table complete_v1 (id uuid primary key, value integer not null);\n");
        files.IndexesSql.ShouldBe("create index on complete_v1 (value);\n");
        files.DownSql.ShouldBe("drop table complete_v1;\n");
    }

    [Fact]
    public void The_hash_covers_names_and_contents_of_SQL_and_Csharp()
    {
        var hash = new CompleteV1().Files.Hash;

        hash.ShouldBe(new CompleteV1().Files.Hash);
        hash.ShouldMatch("^[0-9a-f]{64}$");
        VersionFolder.HashOf([("a.sql", "x"), ("b.cs", "y")]).ShouldNotBe(VersionFolder.HashOf([("a.sql", "x"), ("b.cs", "z")]));
        VersionFolder.HashOf([("a.sql", "x"), ("b.cs", "y")]).ShouldNotBe(VersionFolder.HashOf([("a.sql", "x"), ("c.cs", "y")]));
        VersionFolder.HashOf([("a.sql", "xb"), ("c", "y")]).ShouldNotBe(VersionFolder.HashOf([("a.sql", "x"), ("bc", "y")]));
    }

    [Fact]
    public void A_checkout_with_other_line_ends_or_a_byte_order_mark_is_the_same()
    {
        byte[] marked = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("create table ż (\r\n  id int\r\n);\r\n")];

        VersionFolder.Text(new MemoryStream(marked)).ShouldBe("create table ż (\n  id int\n);\n");
    }
}
