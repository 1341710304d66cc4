using Projections.Web.Security;

namespace Projections.Web;

/// <summary>Addresses, keys and what may not be combined.</summary>
public sealed class OptionTests
{
    [Theory]
    [InlineData("127.0.0.1:5080", "127.0.0.1:5080", true)]
    [InlineData("5080", "127.0.0.1:5080", true)]
    [InlineData("localhost:80", "127.0.0.1:80", true)]
    [InlineData("[::1]:5080", "[::1]:5080", true)]
    [InlineData("0.0.0.0:8080", "0.0.0.0:8080", false)]
    [InlineData("10.0.0.7:8080", "10.0.0.7:8080", false)]
    [InlineData("[::]:8080", "[::]:8080", false)]
    public void An_address_is_understood(string text, string endPoint, bool isLocal)
    {
        ListenAddress.TryParse(text, out var address).ShouldBeTrue();

        address!.EndPoint!.ToString().ShouldBe(endPoint);
        address.IsLocal.ShouldBe(isLocal);
    }

    [Fact]
    public void A_star_is_every_address_and_off_is_none()
    {
        ListenAddress.TryParse("*:8080", out var all).ShouldBeTrue();
        all!.IsLocal.ShouldBeFalse();
        ListenAddress.TryParse("off", out var none).ShouldBeTrue();
        none!.EndPoint.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com:80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:80")]
    public void What_is_no_address_is_an_error(string text) =>
        new WebOptions { Listen = text }.FindErrors().Single().ShouldContain("Http:Listen");

    [Theory]
    [InlineData("0.0.0.0:8080")]
    [InlineData("*:8080")]
    [InlineData("10.0.0.7:8080")]
    public void An_address_that_others_can_reach_needs_keys(string listen)
    {
        new WebOptions { Listen = listen }.FindErrors().Single().ShouldContain("projections api-key");
        new WebOptions { Listen = listen, ApiKeys = [ApiKey.Make("ana", CallerRole.Reader).Key] }.FindErrors().ShouldBeEmpty();
        new WebOptions().FindErrors().ShouldBeEmpty();
    }

    [Fact]
    public void A_key_is_kept_as_its_hash_and_found_by_its_text()
    {
        var (text, key) = ApiKey.Make("ana", CallerRole.Operator);

        key.Setting.ShouldStartWith("operator:sha256:");
        key.Setting.ShouldNotContain(text[4..]);
        ApiKey.TryParse("ana", key.Setting, out var read).ShouldBeTrue();
        read!.Role.ShouldBe(CallerRole.Operator);
        ApiKey.Find([ApiKey.Make("ben", CallerRole.Reader).Key, read], text).ShouldBe(read);
        ApiKey.Find([read], text[..^1]).ShouldBeNull();
        ApiKey.Make("ana", CallerRole.Operator).Text.ShouldNotBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("operator")]
    [InlineData("prj_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("owner:sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("1:sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("reader:md5:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("reader:sha256:00")]
    [InlineData("reader:sha256:zzzz000000000000000000000000000000000000000000000000000000000000")]
    public void What_is_no_key_setting_is_not_read(string setting) => ApiKey.TryParse("ana", setting, out _).ShouldBeFalse();
}
