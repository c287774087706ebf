using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Embedded.Tests.Door;

/// <summary>Who is let in: Host, Origin and keys.</summary>
public sealed class StrangerTests
{
    private const string Key = "0123456789abcdef-first";

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("localhost.")]
    [InlineData("app.localhost")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]:8080")]
    [InlineData("192.0.2.7")]
    [InlineData("loki.example.org")]
    [InlineData("Loki.Example.org:443")]
    public async Task Host_OfThisMachineOrAllowed_IsServed(string name)
    {
        await using var host = await DoorHost.StartAsync(o => o with { AllowedHosts = ["loki.example.org"] });
        using var answer = await SendAsync(host, HttpMethod.Get, "/status", ("Host", name));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("evil.example.com", "GET", "/runs")]
    [InlineData("evil.example.com", "GET", "/")]
    [InlineData("evil.example.com", "POST", "/v2/models/echo-FP32/infer")]
    [InlineData("localhost.evil.example", "GET", "/status")]
    [InlineData("127.0.0.1.evil.example", "GET", "/nowhere")]
    public async Task Host_OfSomebodyElse_Is421(string name, string method, string path)
    {
        await using var host = await DoorHost.StartAsync();
        using var answer = await SendAsync(host, new HttpMethod(method), path, ("Host", name));
        var error = (await answer.ErrorAsync(421, "wrong_host")).GetProperty("error").GetString();
        Assert.Contains($"'{name}'", error, StringComparison.Ordinal);
        Assert.Null(host.Engine.LastVariant);
    }

    [Fact]
    public async Task Host_MachineNameOrAny_IsServed()
    {
        await using var host = await DoorHost.StartAsync();
        using var own = await SendAsync(host, HttpMethod.Get, "/status", ("Host", System.Net.Dns.GetHostName()));
        Assert.Equal(200, (int)own.StatusCode);
        await using var open = await DoorHost.StartAsync(o => o with { AllowedHosts = ["*"] });
        using var any = await SendAsync(open, HttpMethod.Get, "/status", ("Host", "any.example"));
        Assert.Equal(200, (int)any.StatusCode);
    }

    [Theory]
    [InlineData("GET", "Origin", "http://evil.example")]
    [InlineData("POST", "Origin", "http://evil.example")]
    [InlineData("POST", "Origin", "null")]
    [InlineData("POST", "Origin", "http://localhost")]
    [InlineData("POST", "Sec-Fetch-Site", "cross-site")]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site")]
    public async Task Page_OfAnotherOrigin_Is403(string method, string header, string value)
    {
        await using var host = await DoorHost.StartAsync();
        using var answer = await SendAsync(host, new HttpMethod(method), method == "GET" ? "/runs" : "/v2/models/echo-FP32/infer", (header, value));
        await answer.ErrorAsync(403, "foreign_origin");
        Assert.Null(host.Engine.LastVariant);
    }

    [Fact]
    public async Task Page_OfThisHost_LinksAndPrograms_AreServed()
    {
        await using var host = await DoorHost.StartAsync();
        var own = host.Url.GetLeftPart(UriPartial.Authority);
        using var page = await SendAsync(host, HttpMethod.Get, "/status", ("Origin", own), ("Sec-Fetch-Site", "same-origin"));
        using var link = await SendAsync(host, HttpMethod.Get, "/", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"));
        using var frame = await SendAsync(host, HttpMethod.Get, "/", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"));
        using var program = await SendAsync(host, HttpMethod.Get, "/status");
        Assert.Equal((200, 200, 403, 200), ((int)page.StatusCode, (int)link.StatusCode, (int)frame.StatusCode, (int)program.StatusCode));
    }

    [Theory]
    [InlineData("/v2/health/live")]
    [InlineData("/v2/health/ready")]
    public async Task Health_IsToldToEverybody(string path)
    {
        await using var host = await DoorHost.StartAsync(o => o with { ApiKeys = ApiKeys.Parse("k", Key) });
        using var answer = await SendAsync(host, HttpMethod.Get, path, ("Host", "probe.example"), ("Origin", "http://evil.example"));
        Assert.Equal(200, (int)answer.StatusCode);
        using var post = await SendAsync(host, HttpMethod.Post, path);
        Assert.Equal(401, (int)post.StatusCode);
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + Key, 200)]
    [InlineData("authorization", "bearer " + Key, 200)]
    [InlineData("x-api-key", Key, 200)]
    [InlineData("x-api-key", "second-key-0123456789", 200)]
    [InlineData("Authorization", "Bearer 0123456789abcdef-firs", 401)]
    [InlineData("Authorization", "Bearer 0123456789ABCDEF-first", 401)]
    [InlineData("Authorization", "Basic " + Key, 401)]
    [InlineData("Authorization", "Bearer", 401)]
    [InlineData("x-api-key", "", 401)]
    [InlineData("x-other", Key, 401)]
    public async Task Key_IsAskedFor(string header, string value, int status)
    {
        await using var host = await DoorHost.StartAsync(o => o with { ApiKeys = ApiKeys.Parse("k", $"# ours\n{Key}\r\n\n second-key-0123456789 \n") });
        foreach (var path in (string[])["/status", "/metrics", "/plan", "/runs", "/v2"])
        {
            using var answer = await SendAsync(host, HttpMethod.Get, path, (header, value));
            if (status == 200)
            {
                Assert.NotEqual(401, (int)answer.StatusCode);
                continue;
            }

            await answer.ErrorAsync(401, "unauthorized");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task StatusPage_NeedsNoKey_AndIsCheckedLikeAllElse()
    {
        await using var host = await DoorHost.StartAsync(o => o with { ApiKeys = ApiKeys.Parse("k", Key) });
        using var page = await SendAsync(host, HttpMethod.Get, "/");
        Assert.Equal(200, (int)page.StatusCode);
        Assert.Equal(["nosniff"], page.Headers.GetValues("X-Content-Type-Options"));
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var posted = await SendAsync(host, HttpMethod.Post, "/");
        await posted.ErrorAsync(401, "unauthorized");
        using var wrong = await SendAsync(host, HttpMethod.Get, "/", ("Host", "evil.example.com"));
        await wrong.ErrorAsync(421, "wrong_host");
    }

    [Fact]
    public async Task Key_IsNotShownByAnswers()
    {
        await using var host = await DoorHost.StartAsync(o => o with { ApiKeys = ApiKeys.Parse("k", Key) });
        using var answer = await SendAsync(host, HttpMethod.Get, "/status", ("x-api-key", "wrong-key-0123456789"));
        Assert.DoesNotContain("wrong-key", await answer.TextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "line 1", "no key")]
    [InlineData("# only this\n", "line 1", "no key")]
    [InlineData("short\n", "line 1", "5 characters")]
    [InlineData("0123456789abcdef\nhas a space in it\n", "line 2", "a header cannot carry")]
    [InlineData("0123456789abcdef\n\n0123456789abcdef\n", "line 3", "line 1")]
    [InlineData("0123456789abcdéf\n", "line 1", "a header cannot carry")]
    public void KeyFile_WithFaults_IsRefusedWithItsLines(string text, string line, string says)
    {
        var refused = Assert.Throws<ApiKeysFormatException>(() => ApiKeys.Parse("keys", text));
        Assert.Contains(refused.Faults, f => f.Path == line && f.ToString().Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain("0123456789", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_SeveralFaults_ListsAll() =>
        Assert.Equal(3, Assert.Throws<ApiKeysFormatException>(() => ApiKeys.Parse("keys", "a\nb\n0123456789 abcdef")).Faults.Length);

    private static Task<HttpResponseMessage> SendAsync(DoorHost host, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
