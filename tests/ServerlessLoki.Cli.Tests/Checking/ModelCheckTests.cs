using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ServerlessLoki.Cli.Checking;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Cli.Tests.Checking;

/// <summary>The check against a server that answers as a test tells it to: "y" = "x" of each row.</summary>
public sealed class ModelCheckTests
{
    private static readonly Uri Server = new("http://server/");

    [Fact]
    public async Task Run_AnswersStayTheSame_Passes()
    {
        var report = await CheckAsync(new FakeServer());
        Assert.True(report.Passed);
        // Sixteen rows at once in sizes of 2, 3, 8 and 16 and as many once in requests of these sizes.
        Assert.Equal((16 + 15 + 16 + 16 + 2 + 3 + 8 + 16, 0, 0), (report.Same, report.Different, report.Refused));
    }

    [Fact]
    public async Task Run_RowsOfARequestAreSwapped_FailsAndSaysWhich()
    {
        var report = await CheckAsync(new FakeServer { Answer = (values, rows) => rows == 1 ? values : [.. values.Chunk(2).Reverse().SelectMany(r => r)] });
        Assert.False(report.Passed);
        Assert.True(report.Different > 0 && report.Same > 0);
        Assert.Equal("row 0 has another 'y' in a request of 2 rows than alone", report.Example);
    }

    [Fact]
    public async Task Run_RequestsAtOnceGetOthersValues_Fails()
    {
        var asked = 0;
        var report = await CheckAsync(
            new FakeServer { Answer = (values, _) => Interlocked.Increment(ref asked) <= 16 ? values : [.. values.Select(v => v + 1)] }, pipeline: true);
        Assert.False(report.Passed);
        Assert.Equal("row 0 has another 'y' beside 1 other requests than alone", report.Example);
    }

    [Fact]
    public async Task Run_RoundingDiffers_Passes() =>
        Assert.True((await CheckAsync(new FakeServer { Answer = (values, rows) => [.. values.Select(v => v * (1 + (rows * 1e-6f)))] })).Passed);

    [Fact]
    public async Task Run_ServerFailsTogether_Fails()
    {
        var server = new FakeServer { Status = rows => rows > 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK };
        var report = await CheckAsync(server);
        Assert.False(report.Passed);
        Assert.Equal("row 0 is answered 500 in a request of 2 rows, 200 alone", report.Example);
    }

    [Fact]
    public async Task Run_ServerIsAlwaysBusy_ComparesNothingAndFails()
    {
        var report = await CheckAsync(new FakeServer { Status = _ => HttpStatusCode.TooManyRequests });
        Assert.Equal((0, 0, false), (report.Same, report.Different, report.Passed));
        Assert.True(report.Refused > 0);
    }

    [Fact]
    public async Task Run_OtherVariantsAnswer_AreNotCompared()
    {
        var asked = 0;
        var report = await CheckAsync(new FakeServer { Variants = () => Interlocked.Increment(ref asked) <= 16 ? "t=a" : "t=b" }, pipeline: true);
        Assert.Equal((0, 0, 63, false), (report.Same, report.Different, report.Unlike, report.Passed));
    }

    private static async Task<CheckReport> CheckAsync(FakeServer server, bool pipeline = false)
    {
        server.IsPipeline = pipeline;
        using var client = new HttpClient(server);
        var model = Assert.Single(await ServedModel.AskAsync(client, Server, null, TestContext.Current.CancellationToken));
        Assert.Equal(("m", pipeline), (model.Name, model.IsPipeline));
        return await new ModelCheck(client, Server, model, 1, TimeSpan.Zero, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
    }

    private sealed class FakeServer : HttpMessageHandler
    {
        public bool IsPipeline { get; set; }

        public Func<float[], int, float[]> Answer { get; init; } = (values, _) => values;

        public Func<int, HttpStatusCode> Status { get; init; } = _ => HttpStatusCode.OK;

        public Func<string> Variants { get; init; } = () => "t=a";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            switch (request.RequestUri!.AbsolutePath)
            {
                case "/v2/repository/index":
                    return new HttpResponseMessage { Content = JsonContent.Create(new[] { new { name = "m", state = "READY" } }) };
                case "/v2/models/m":
                    long[] shape = IsPipeline ? [2] : [-1, 2];
                    return new HttpResponseMessage
                    {
                        Content = JsonContent.Create(new { name = "m", platform = IsPipeline ? "loki_pipeline" : "onnx_onnxv1", inputs = new[] { new { name = "x", datatype = "FP32", shape } } }),
                    };
                default:
                    var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
                    return Infer(body, int.Parse(request.Headers.GetValues(InferHeaders.JsonLengthHeader).Single(), null));
            }
        }

        private HttpResponseMessage Infer(byte[] body, int jsonLength)
        {
            using var json = JsonDocument.Parse(body.AsMemory(0, jsonLength));
            Assert.True(json.RootElement.GetProperty("parameters").GetProperty("binary_data_output").GetBoolean());
            var values = MemoryMarshal.Cast<byte, float>(body.AsSpan(jsonLength)).ToArray();
            var rows = values.Length / 2;
            var answer = MemoryMarshal.AsBytes<float>(Answer(values, rows)).ToArray();
            var parameters = IsPipeline ? "\"parameters\":{\"variants\":\"" + Variants() + "\"}," : "";
            var head = Encoding.UTF8.GetBytes(
                $$$"""{"model_name":"m",{{{parameters}}}"outputs":[{"name":"y","datatype":"FP32","shape":[{{{rows}}},2],"parameters":{"binary_data_size":{{{answer.Length}}}}}]}""");
            var response = new HttpResponseMessage(Status(rows)) { Content = new ByteArrayContent([.. head, .. answer]) };
            response.Headers.TryAddWithoutValidation(InferHeaders.JsonLengthHeader, $"{head.Length}");
            return response;
        }
    }
}
