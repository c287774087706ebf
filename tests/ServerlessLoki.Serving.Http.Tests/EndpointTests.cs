using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

[Collection(PooledCollection.Name)]
public sealed partial class EndpointTests
{
    [Fact]
    public async Task Health_ReadyAndNot_HasBothKeysAndTheStatus()
    {
        await using var host = await ApiHost.StartAsync();
        using var ready = await host.Client.GetPathAsync("/v2/health/ready");
        Assert.Equal((200, """{"live":true,"ready":true}"""), ((int)ready.StatusCode, await ready.TextAsync()));
        host.Engine.IsReady = false;
        using var loading = await host.Client.GetPathAsync("/v2/health/ready");
        Assert.Equal(503, (int)loading.StatusCode);
        Assert.False((await loading.JsonAsync()).GetProperty("ready").GetBoolean());
        Assert.NotNull(loading.Headers.RetryAfter);
        using var live = await host.Client.GetPathAsync("/v2/health/live");
        Assert.Equal((200, """{"live":true,"ready":false}"""), ((int)live.StatusCode, await live.TextAsync()));
        using var model = await host.Client.GetPathAsync("/v2/models/traffic/ready");
        Assert.Equal(503, (int)model.StatusCode);
    }

    [Fact]
    public async Task Ready_VariantThatIsOut_IsUnavailableWithTheReason()
    {
        await using var host = await ApiHost.StartAsync();
        host.Engine.Faults["vehicle-n"] = "it could not be loaded";
        const string Reason = "Variant vehicle-n is not used at present: it could not be loaded.";
        foreach (var path in (string[])["/v2/models/vehicle-n/ready", "/v2/models/vehicle-n/versions/1/ready"])
        {
            using var ready = await host.Client.GetPathAsync(path);
            Assert.Equal((503, $$"""{"name":"vehicle-n","ready":false,"error":"{{Reason}}"}"""), ((int)ready.StatusCode, await ready.TextAsync()));
            Assert.NotNull(ready.Headers.RetryAfter);
        }

        // Another variant of its task is there.
        using var pipeline = await host.Client.GetPathAsync("/v2/models/traffic/ready");
        Assert.Equal(200, (int)pipeline.StatusCode);
        Assert.Equal(("UNAVAILABLE", Reason), (await IndexAsync(host, "{}"))["vehicle-n"]);
        Assert.Equal(("READY", ""), (await IndexAsync(host, "{}"))["vehicle-s"]);
        Assert.DoesNotContain("vehicle-n", await IndexAsync(host, """{"ready":true}"""));

        host.Engine.Faults["vehicle-s"] = "most of its recent answers were not numbers";
        using var out1 = await host.Client.GetPathAsync("/v2/models/traffic/ready");
        Assert.Equal(503, (int)out1.StatusCode);
        const string None = "No variant of task vehicle can be run at present: vehicle-n, it could not be loaded; vehicle-s, most of its recent answers were not numbers.";
        Assert.Equal(None, (await out1.JsonAsync()).GetProperty("error").GetString());
        Assert.Equal(("UNAVAILABLE", None), (await IndexAsync(host, "{}"))["traffic"]);
        Assert.DoesNotContain("traffic", await IndexAsync(host, """{"ready":true}"""));
        Assert.Equal(("READY", ""), (await IndexAsync(host, "{}"))["plain"]);
    }

    private static async Task<Dictionary<string, (string? State, string? Reason)>> IndexAsync(ApiHost host, string body)
    {
        using var index = await host.Client.PostJsonAsync("/v2/repository/index", body);
        return (await index.JsonAsync()).EnumerateArray().ToDictionary(
            e => e.GetProperty("name").GetString()!, e => (e.GetProperty("state").GetString(), e.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Anything_BeforeTheEngineIsThere_Is503OrNotReady()
    {
        await using var host = await ApiHost.StartAsync();
        host.Context.Engine = null;
        using var ready = await host.Client.GetPathAsync("/v2/health/ready");
        Assert.Equal(503, (int)ready.StatusCode);
        using var live = await host.Client.GetPathAsync("/v2/health/live");
        Assert.Equal(200, (int)live.StatusCode);
        using var infer = await host.Client.PostJsonAsync("/v2/models/traffic/infer", "{}");
        await infer.ErrorAsync(503, "unavailable");
        using var runs = await host.Client.GetPathAsync("/runs");
        await runs.ErrorAsync(503, "unavailable");
        using var metrics = await host.Client.GetPathAsync("/metrics");
        Assert.Contains("loki_ready 0\n", await metrics.TextAsync(), StringComparison.Ordinal);
        using var status = await host.Client.GetPathAsync("/status");
        Assert.Equal("starting", (await status.JsonAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Metadata_PipelineAndVariant_AreDescribed()
    {
        await using var host = await ApiHost.StartAsync();
        using var server = await host.Client.GetPathAsync("/v2");
        Assert.Contains("binary_tensor_data", (await server.JsonAsync()).GetProperty("extensions").EnumerateArray().Select(e => e.GetString()));
        using var pipeline = await host.Client.GetPathAsync("/v2/models/plain/versions/1");
        Assert.Equal(
            """{"name":"plain","versions":["1"],"platform":"loki_pipeline","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":[{"name":"scale","datatype":"FP32","shape":[-1,-1]}]}""",
            await pipeline.TextAsync());
        using var traffic = await host.Client.GetPathAsync("/v2/models/traffic");
        Assert.Equal(
            ["detect", "vehicle.parent", "vehicle.label", "vehicle.score", "person.parent", "person.label", "person.score"],
            (await traffic.JsonAsync()).GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
        using var variant = await host.Client.GetPathAsync("/v2/models/echo-INT8");
        Assert.Equal(
            """{"name":"echo-INT8","versions":["1"],"platform":"onnx_onnxv1","inputs":[{"name":"x","datatype":"INT8","shape":[-1,2]}],"outputs":[{"name":"y","datatype":"INT8","shape":[-1,2]}]}""",
            await variant.TextAsync());
    }

    [Fact]
    public async Task Config_Variant_LeavesTheBatchOutOfDims()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.GetPathAsync("/v2/models/echo-FP32/config");
        var config = await response.JsonAsync();
        Assert.Equal(host.Engine.Options.MaxBatch, config.GetProperty("max_batch_size").GetInt32());
        Assert.Equal("TYPE_FP32", config.GetProperty("input")[0].GetProperty("data_type").GetString());
        Assert.Equal("[2]", config.GetProperty("input")[0].GetProperty("dims").GetRawText());
        Assert.False(config.GetProperty("model_transaction_policy").GetProperty("decoupled").GetBoolean());
        using var pipeline = await host.Client.GetPathAsync("/v2/models/traffic/config");
        var whole = await pipeline.JsonAsync();
        Assert.Equal(0, whole.GetProperty("max_batch_size").GetInt32());
        Assert.Equal("[-1,-1,3]", whole.GetProperty("input")[0].GetProperty("dims").GetRawText());
    }

    [Fact]
    public async Task Index_AllModels_AndOnlyReadyOnesWhenAsked()
    {
        await using var host = await ApiHost.StartAsync();
        using var all = await host.Client.PostJsonAsync("/v2/repository/index", "");
        Assert.Equal(8, (await all.JsonAsync()).GetArrayLength());
        Assert.Equal("READY", (await all.JsonAsync())[0].GetProperty("state").GetString());
        host.Engine.IsReady = false;
        using var none = await host.Client.PostJsonAsync("/v2/repository/index", """{"ready":true}""");
        Assert.Equal("[]", await none.TextAsync());
        using var bad = await host.Client.PostJsonAsync("/v2/repository/index", """{"ready":""");
        await bad.ErrorAsync(400, "bad_request");
        using var array = await host.Client.PostJsonAsync("/v2/repository/index", "[1]");
        await array.ErrorAsync(400, "bad_request");
    }

    [Fact]
    public async Task Stats_CountsRowsAndBatches()
    {
        await using var host = await ApiHost.StartAsync();
        var variant = host.Engine.Metrics.Variants[0][0][0];
        variant.Ran(4, 100, 2000, 50);
        for (var i = 0; i < 4; i++)
            variant.Served();
        variant.Failed();
        variant.Refused();
        variant.NonFinite();
        using var one = await host.Client.GetPathAsync("/v2/models/detect-n/versions/1/stats");
        var stats = (await one.JsonAsync()).GetProperty("model_stats")[0];
        Assert.Equal((4, 1), (stats.GetProperty("inference_count").GetInt32(), stats.GetProperty("execution_count").GetInt32()));
        Assert.Equal((4, 2), (stats.GetProperty("inference_stats").GetProperty("success").GetProperty("count").GetInt32(), stats.GetProperty("inference_stats").GetProperty("fail").GetProperty("count").GetInt32()));
        using var metrics = await host.Client.GetPathAsync("/metrics");
        var text = await metrics.TextAsync();
        Assert.Contains("""nv_inference_request_success{model="detect-n",version="1"} 4""", text, StringComparison.Ordinal);
        Assert.Contains("""nv_inference_request_failure{model="detect-n",version="1",reason="OTHER"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""nv_inference_request_failure{model="detect-n",version="1",reason="BACKEND"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""loki_nonfinite_rows_total{pipeline="traffic",task="detect",variant="detect-n"} 1""", text, StringComparison.Ordinal);
        var batch = Assert.Single(stats.GetProperty("batch_stats").EnumerateArray());
        Assert.Equal(4, batch.GetProperty("batch_size").GetInt32());
        Assert.Equal((1, 2_000_000), (batch.GetProperty("compute_infer").GetProperty("count").GetInt32(), batch.GetProperty("compute_infer").GetProperty("ns").GetInt64()));
        Assert.Equal(2_000_000, stats.GetProperty("inference_stats").GetProperty("compute_infer").GetProperty("ns").GetInt64());
        host.Engine.Metrics.Pipelines[0].Ended(QueryOutcome.Completed, new QueryTimes(5000, 100, -1), 0.5);
        using var all = await host.Client.GetPathAsync("/v2/models/stats");
        Assert.Equal(8, (await all.JsonAsync()).GetProperty("model_stats").GetArrayLength());
        Assert.Equal(1, (await all.JsonAsync()).GetProperty("model_stats")[0].GetProperty("beyond_slo_count").GetInt32());
        Assert.Equal(5_000_000, (await all.JsonAsync()).GetProperty("model_stats")[0].GetProperty("inference_stats").GetProperty("success").GetProperty("ns").GetInt64());
    }

    [Theory]
    [InlineData("GET", "/v2/models/nobody", 404, "not_found")]
    [InlineData("GET", "/v2/models/nobody/stats", 404, "not_found")]
    [InlineData("GET", "/v2/models/nobody/config", 404, "not_found")]
    [InlineData("GET", "/v2/models/nobody/ready", 404, "not_found")]
    [InlineData("POST", "/v2/models/nobody/infer", 404, "not_found")]
    [InlineData("POST", "/v2/models/traffic/versions/2/infer", 404, "not_found")]
    [InlineData("GET", "/v2/models/traffic/versions/2", 404, "not_found")]
    [InlineData("GET", "/nowhere", 404, "not_found")]
    [InlineData("GET", "/v2/models/traffic/infer", 405, "method_not_allowed")]
    [InlineData("DELETE", "/plan", 405, "method_not_allowed")]
    [InlineData("POST", "/v2/health/ready", 405, "method_not_allowed")]
    public async Task Anything_UnknownOrWrongMethod_HasTheErrorBody(string method, string path, int status, string code)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ErrorAsync(status, code);
    }

    [Fact]
    public async Task Plan_InForce_IsShownByNames()
    {
        await using var host = await ApiHost.StartAsync();
        using var none = await host.Client.GetPathAsync("/plan");
        await none.ErrorAsync(503, "unavailable");
        var demand = new PipelineDemand(TestPipelines.Traffic, 10, FanOut.One(TestPipelines.Traffic));
        host.Engine.Problem = new PlanningProblem { Pipelines = [demand], Devices = [new DeviceType("cpu", 8, 0.25)], Profile = host.Engine.Profile };
        host.Engine.Plan = new Plan
        {
            Version = 4,
            Policy = "loki",
            Slots = [new SlotGroup(0, 1, 1, 0, 4, 2, 100, 50, 12_500)],
            Flows = [new PathFlow(0, [new PathStep(0, 0), new PathStep(1, 1)], 10, 0.48)],
            ServedShare = [1],
            Accuracy = 0.48,
            DemandQps = [10],
            PredictedP99Us = [40_000],
            Proof = new PlanProof(0.48, 0.48, "optimal", 3, "accuracy"),
            Why = ["It is the best that fits."],
        };
        using var response = await host.Client.GetPathAsync("/plan");
        var plan = await response.JsonAsync();
        Assert.Equal("vehicle-s", plan.GetProperty("slots")[0].GetProperty("variant").GetString());
        Assert.Equal("""["detect-n","vehicle-s"]""", plan.GetProperty("flows")[0].GetProperty("path").GetRawText());
        Assert.Equal(40, plan.GetProperty("pipelines")[0].GetProperty("predicted_p99_ms").GetDouble());
        Assert.Equal(0, plan.GetProperty("proof").GetProperty("gap").GetDouble());
        Assert.Equal("It is the best that fits.", plan.GetProperty("why")[0].GetString());
    }

    [Fact]
    public async Task Status_AndPage_AreServed()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.GetPathAsync("/status");
        var status = await response.JsonAsync();
        Assert.Equal(12.5, status.GetProperty("pipelines")[0].GetProperty("demand_qps").GetDouble());
        Assert.Equal(1.5, status.GetProperty("pipelines")[0].GetProperty("beyond_slo_qps").GetDouble());
        Assert.Equal(JsonValueKind.Null, status.GetProperty("pipelines")[0].GetProperty("measured_accuracy").ValueKind);
        Assert.Equal(4, status.GetProperty("pipelines")[0].GetProperty("tasks")[0].GetProperty("queued").GetProperty("detect-n").GetInt32());
        Assert.Equal("no driver", status.GetProperty("slots")[0].GetProperty("provider_fallback").GetString());
        Assert.Equal(
            """{"device":"t4","slots":4,"wanted":8,"changed":null,"fault":"403: may not","failed_at":"1970-01-01T00:00:00+00:00"}""",
            status.GetProperty("fleet")[0].GetRawText());
        using var page = await host.Client.GetPathAsync("/");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("http://", await page.TextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", await page.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AreWellFormedPrometheusText()
    {
        await using var host = await ApiHost.StartAsync();
        var pipeline = host.Engine.Metrics.Pipelines[0];
        pipeline.Ended(QueryOutcome.Completed, new QueryTimes(30_000, 70_000, 70_000), 0.5);
        pipeline.Ended(QueryOutcome.Completed, new QueryTimes(2_000, 98_000, 98_000), 1);
        pipeline.Ended(QueryOutcome.Completed, new QueryTimes(300_000, 2_700_000, -200_000), 0.75);
        pipeline.Ended(QueryOutcome.Expired);
        pipeline.Ended(QueryOutcome.Cancelled);
        host.Engine.Metrics.Variants[0][0][0].BatchRows.Record(3);
        using var response = await host.Client.GetPathAsync("/metrics");
        Assert.Equal("0.0.4", response.Content.Headers.ContentType!.Parameters.Single(p => p.Name == "version").Value);
        var text = await response.TextAsync();
        var types = new Dictionary<string, string>();
        var samples = new Dictionary<string, double>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                Assert.True(types.TryAdd(line.Split(' ')[2], line.Split(' ')[3]), line);
            if (line.StartsWith('#'))
                continue;
            var match = Sample().Match(line);
            Assert.True(match.Success, line);
            Assert.True(samples.TryAdd(match.Groups["name"].Value + match.Groups["labels"].Value, double.Parse(match.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)), line);
            var family = SuffixOf().Replace(match.Groups["name"].Value, "");
            Assert.True(types.ContainsKey(match.Groups["name"].Value) || types.GetValueOrDefault(family) == "histogram", line);
        }

        Assert.Equal(3, samples["""loki_queries_total{pipeline="traffic",outcome="completed"}"""]);
        Assert.Equal(3, samples["""loki_goodput_queries_total{pipeline="traffic"}"""]);
        Assert.Equal(1, samples["""loki_queries_beyond_slo_total{pipeline="traffic"}"""]);
        Assert.Equal(2.0 / 4, samples["""loki_slo_attainment_ratio{pipeline="traffic"}"""], 6);
        Assert.Equal(3.0 / 4, samples["""loki_deadline_attainment_ratio{pipeline="traffic"}"""], 6);
        Assert.Equal(0.75, samples["""loki_effective_accuracy_ratio{pipeline="traffic"}"""], 6);
        Assert.Equal(0.332, samples["""loki_request_seconds_sum{pipeline="traffic"}"""], 9);
        Assert.Equal(1, samples["""loki_request_seconds_bucket{pipeline="traffic",le="0.005"}"""]);
        Assert.Equal(3, samples["""loki_request_seconds_bucket{pipeline="traffic",le="+Inf"}"""]);
        Assert.Equal(1, samples["""loki_batch_rows_bucket{pipeline="traffic",task="detect",variant="detect-n",le="4"}"""]);
        Assert.Equal(0, samples["""loki_batch_rows_bucket{pipeline="traffic",task="detect",variant="detect-n",le="2"}"""]);
        Assert.Equal(3, samples["""nv_inference_request_success{model="traffic",version="1"}"""]);
        Assert.Equal(1, samples["""nv_inference_request_failure{model="traffic",version="1",reason="REJECTED"}"""]);
        Assert.Equal(332_000, samples["""nv_inference_request_duration_us{model="traffic",version="1"}"""]);
        Assert.Equal(1, samples["""loki_slots{state="free"}"""]);
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)+\})? (?<value>NaN|[+-]Inf|[-+0-9.eE]+)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SuffixOf();
}
