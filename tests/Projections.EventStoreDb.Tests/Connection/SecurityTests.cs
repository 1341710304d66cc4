using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Connection;

public sealed class SecurityTests
{
    [Fact]
    public async Task The_user_is_authenticated_by_the_password_and_refused_without_the_right()
    {
        await using var node = await TestNode.StartAsync();
        node.State.Users["ops"] = ("s3cret", true);
        node.State.Users["guest"] = ("guest", false);
        string As(string user) => node.ConnectionString.Replace("://", $"://{user}@");

        await using (var source = await EventStoreDbSource.OpenAsync(As("ops:s3cret"), ReadingTools.Quick))
        {
            (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(EventPosition.BeforeFirst);
        }

        var wrong = await Should.ThrowAsync<EventSourceUnusable>(() => EventStoreDbSource.OpenAsync(As("ops:wr0ng"), ReadingTools.Quick));
        wrong.InnerException.ShouldBeOfType<NotAuthenticated>();
        wrong.Message.ShouldContain("$all");
        wrong.ToString().ShouldNotContain("wr0ng");
        var denied = await Should.ThrowAsync<EventSourceUnusable>(() => EventStoreDbSource.OpenAsync(As("guest:guest"), ReadingTools.Quick));
        denied.InnerException.ShouldBeOfType<AccessDenied>();
        (await Should.ThrowAsync<EventSourceUnusable>(() => node.OpenAsync())).InnerException.ShouldBeOfType<AccessDenied>();
    }

    [Fact]
    public async Task Tls_takes_a_server_that_the_authority_vouches_for_and_no_other()
    {
        using var folder = new TemporaryFolder();
        using var authority = Authority("CN=test authority");
        using var stranger = Authority("CN=another authority");
        using var certificate = ServerCertificate(authority);
        await using var node = await TestNode.StartAsync(certificate: certificate);
        node.Log.Fill(3);
        var server = $"esdb://127.0.0.1:{node.Port}";
        var trusted = folder.Write("ca.pem", authority.ExportCertificatePem());
        var untrusted = folder.Write("other.pem", stranger.ExportCertificatePem());

        await using (var source = await EventStoreDbSource.OpenAsync($"{server}?tlsCAFile={trusted}", ReadingTools.Quick))
        {
            (await source.ReadAllAsync()).Count.ShouldBe(3);
        }

        await using (var source = await EventStoreDbSource.OpenAsync($"{server}?tlsVerifyCert=false", ReadingTools.Quick))
        {
            (await source.ReadAllAsync()).Count.ShouldBe(3);
        }

        foreach (var refused in (string[])[server, $"{server}?tlsCAFile={untrusted}", $"esdb+discover://127.0.0.1:{node.Port}"])
        {
            await TlsFailsAtOnceAsync(refused);
        }
    }

    [Fact]
    public async Task A_server_that_speaks_without_tls_is_not_asked_again_with_it()
    {
        await using var node = await TestNode.StartAsync();

        await TlsFailsAtOnceAsync($"esdb://127.0.0.1:{node.Port}");
        await TlsFailsAtOnceAsync($"esdb+discover://127.0.0.1:{node.Port}");
    }

    [Fact]
    public async Task A_node_whose_certificate_is_good_is_found_among_others()
    {
        using var folder = new TemporaryFolder();
        using var authority = Authority("CN=test authority");
        using var stranger = Authority("CN=another authority");
        using var certificate = ServerCertificate(authority);
        using var strange = ServerCertificate(stranger);
        await using var good = await TestNode.StartAsync(certificate: certificate);
        await using var bad = await TestNode.StartAsync(certificate: strange);
        good.State.Members = () => [new MemberInfo { State = VNodeState.Leader, IsAlive = true, HttpEndPoint = new Protocol.EndPoint { Address = "127.0.0.1", Port = (uint)good.Port } }];

        await using var source = await EventStoreDbSource.OpenAsync(
            $"esdb://127.0.0.1:{bad.Port},127.0.0.1:{good.Port}?tlsCAFile={folder.Write("ca.pem", authority.ExportCertificatePem())}", ReadingTools.Quick);

        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(EventPosition.BeforeFirst);
    }

    [Fact]
    public async Task A_user_certificate_is_shown_to_the_server()
    {
        using var folder = new TemporaryFolder();
        using var authority = Authority("CN=test authority");
        using var certificate = ServerCertificate(authority);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var user = new CertificateRequest("CN=jane", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var node = await TestNode.StartAsync(certificate: certificate);
        string? shown = null;
        node.Instead = async context =>
        {
            shown = (await context.Connection.GetClientCertificateAsync())?.Subject;
            context.Response.StatusCode = (int)HttpStatusCode.Forbidden;
        };
        var connectionString = $"esdb://127.0.0.1:{node.Port}?tlsVerifyCert=false"
            + $"&userCertFile={folder.Write("user.pem", user.ExportCertificatePem())}&userKeyFile={folder.Write("user.key", key.ExportPkcs8PrivateKeyPem())}";

        await Should.ThrowAsync<EventSourceUnusable>(() => EventStoreDbSource.OpenAsync(connectionString, ReadingTools.Quick));

        shown.ShouldBe("CN=jane");
    }

    private static async Task TlsFailsAtOnceAsync(string connectionString)
    {
        var log = new RecordedLog();
        var failure = await Should.ThrowAsync<EventSourceUnusable>(
            () => EventStoreDbSource.OpenAsync(connectionString, ReadingTools.Quick with { Logger = log }));
        failure.InnerException.ShouldBeOfType<TlsFailed>();
        failure.Message.ShouldContain("127.0.0.1");
        log.Lines.ShouldBeEmpty();
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 ServerCertificate(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
