using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Cli.Tests.Cluster;

public sealed class ClusterServingTests(NatsFixture nats)
{
    private const string Infer = "/v2/models/diamond/infer";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Infer_TwoWorkersAndAJoin_AnswersBitForBitAsTheEmbeddedHost()
    {
        await using var cluster = await TestCluster.CreateAsync(await nats.UrlAsync());
        await cluster.WorkAsync();
        await cluster.WorkAsync("slow-cpu");
        var serving = await cluster.ServeAsync();
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [cluster.PipelineFile], DataDirectory = cluster.DataFolder, Slots = 4 }, Token);
        await TestCluster.ReadyAsync(serving);
        using var ours = new HttpClient { BaseAddress = serving.BaseAddress };
        using var theirs = new HttpClient { BaseAddress = host.BaseAddress };

        for (var i = 0; i < 10; i++)
        {
            var body = $$"""{"id":"q{{i}}","inputs":[{"name":"x","shape":[3,1,1],"datatype":"FP32","data":[{{i}}.25,-0.1,1e-7]}]}""";
            var (one, other) = (await PostAsync(ours, body), await PostAsync(theirs, body));
            Assert.Equal(Outputs(other), Outputs(one));
            var binary = body.Replace("\"inputs\"", "\"parameters\":{\"binary_data_output\":true},\"inputs\"", StringComparison.Ordinal);
            Assert.Equal(Tail(await SendAsync(theirs, binary)), Tail(await SendAsync(ours, binary)));
        }
    }

    [Fact]
    public async Task Run_IngressIsGone_IsEndedByAnother()
    {
        await using var cluster = await TestCluster.CreateAsync(await nats.UrlAsync());
        var first = await cluster.ServeAsync();
        using var client = new HttpClient { BaseAddress = first.BaseAddress };
        // No worker yet: it is accepted, and cannot end.
        using var accepted = await client.PostAsync(new Uri("/runs?pipeline=diamond", UriKind.Relative), Json(DiamondPipeline.Body), Token);
        Assert.Equal(202, (int)accepted.StatusCode);
        var id = JsonDocument.Parse(await accepted.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("id").GetString();
        await first.DisposeAsync();

        var second = await cluster.ServeAsync();
        await cluster.WorkAsync();
        using var other = new HttpClient { BaseAddress = second.BaseAddress };
        JsonElement run = default;
        await TestCluster.Eventually(
            async () =>
            {
                run = JsonDocument.Parse(await other.GetStringAsync(new Uri($"/runs/{id}", UriKind.Relative), Token)).RootElement;
                return run.GetProperty("state").GetString() == "completed";
            },
            "the run ended");
        var fused = run.GetProperty("result").GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "fuse");
        Assert.Equal([2, 4, 6, 3, 6, 9], fused.GetProperty("data").EnumerateArray().Select(e => e.GetSingle()));
    }

    [Fact]
    public async Task Planner_Leader_IsReplacedByAnother()
    {
        await using var cluster = await TestCluster.CreateAsync(await nats.UrlAsync());
        var (first, second) = (await cluster.ServeAsync(servesHttp: false), await cluster.ServeAsync(servesHttp: false));
        await TestCluster.Eventually(() => Task.FromResult(first.Planner!.IsLeading || second.Planner!.IsLeading), "one leads");
        Assert.False(first.Planner!.IsLeading && second.Planner!.IsLeading);
        var (leader, other) = first.Planner.IsLeading ? (first, second) : (second, first);
        await leader.DisposeAsync();
        await TestCluster.Eventually(() => Task.FromResult(other.Planner!.IsLeading), "the other leads");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<byte[]> SendAsync(HttpClient client, string body)
    {
        using var response = await client.PostAsync(new Uri(Infer, UriKind.Relative), Json(body), Token);
        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
        return [.. Encoding.ASCII.GetBytes(Header(response.Headers)), .. bytes];
    }

    private static string Header(HttpResponseHeaders headers) =>
        headers.TryGetValues("Inference-Header-Content-Length", out var length) ? length.Single().PadLeft(8) : throw new InvalidOperationException("The answer is not binary.");

    /// <summary>The binary part of an answer: what is after its header, which has times in it.</summary>
    private static byte[] Tail(byte[] answer) => answer[(8 + int.Parse(Encoding.ASCII.GetString(answer, 0, 8), System.Globalization.CultureInfo.InvariantCulture))..];

    private static async Task<string> PostAsync(HttpClient client, string body)
    {
        using var response = await client.PostAsync(new Uri(Infer, UriKind.Relative), Json(body), Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    private static string Outputs(string answer) => JsonDocument.Parse(answer).RootElement.GetProperty("outputs").GetRawText();
}
