using Projections.TestServers;

namespace Projections.LocalPostgres.Tests;

public sealed class PostgresBinariesTests
{
    [PostgresFact(OwnCluster = true)]
    public void The_named_folder_wins_over_the_search()
    {
        var found = PostgresBinaries.Find();

        PostgresBinaries.Find(name => name == PostgresBinaries.FolderVariable ? found.Folder : null).ShouldBe(found);
    }

    [Fact]
    public void A_named_folder_without_a_server_is_an_error_that_says_what_to_set()
    {
        var missing = Should.Throw<PostgresBinariesMissing>(
            () => PostgresBinaries.Find(name => name == PostgresBinaries.FolderVariable ? "/nowhere" : null));

        missing.Message.ShouldBe(
            "PROJECTIONS_POSTGRES_BIN names '/nowhere', but that folder holds no working initdb and postgres. Set it to the folder of "
            + "the server programs, such as /usr/lib/postgresql/15/bin, or unset it to have them searched.");
    }

    [Fact]
    public void Without_a_server_the_error_says_how_to_install_one()
    {
        var missing = PostgresBinariesMissing.Anywhere([]);

        missing.Message.ShouldBe(
            "No PostgreSQL server of version 15 or newer is installed (no folder with server programs found). Install one "
            + "('apt-get install postgresql' on Debian and Ubuntu), or set PROJECTIONS_POSTGRES_BIN to the folder that holds initdb and postgres.");
    }

    [Fact]
    public void A_server_that_is_too_old_is_passed_over()
    {
        var folder = Directory.CreateTempSubdirectory("projections-old-");
        try
        {
            foreach (var program in (string[])["postgres", "initdb"])
            {
                var path = Path.Combine(folder.FullName, program);
                File.WriteAllText(path, "#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n");
                ToolProcess.Run("/bin/chmod", ["+x", path]).ExitCode.ShouldBe(0);
            }

            PostgresBinaries? found = null;
            try
            {
                found = PostgresBinaries.Find(name => name == "PATH" ? folder.FullName : null);
            }
            catch (PostgresBinariesMissing missing)
            {
                missing.Message.ShouldContain(folder.FullName);
            }

            found?.Folder.ShouldNotBe(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
