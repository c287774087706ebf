using System.Text;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Bodies of the Open Inference Protocol (https://github.com/kserve/open-inference-protocol): nested and flat, order of members, binary, raw, and what is refused.</summary>
[Collection(PooledCollection.Name)]
public sealed class InferBodyTests
{
    private const string Echo = "/v2/models/echo-FP32/infer";

    [Theory]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]}]}""")]
    [InlineData("""{"inputs":[{"data":[[1,2],[3,4]],"datatype":"FP32","name":"x","shape":[2,2]}]}""")]
    [InlineData("""{"x-unknown":{"a":[1,{}]},"inputs":[{"name":"x","shape":[2,2],"extra":[[]],"data":[1.0,2e0,3,4],"datatype":"FP32"}],"id":"q"}""")]
    public async Task Infer_WaysToWriteTheSameTensor_AreOne(string json)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Echo, json);
        Assert.Contains("""{"name":"y","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}""", await response.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(2, host.Engine.LastVariant!.Rows);
    }

    [Fact]
    public async Task Infer_Priority_IsRefusedAndNotIgnored()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(
            Echo, """{"parameters":{"priority":1},"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""");
        Assert.Equal(400, (int)response.StatusCode);
        var text = await response.TextAsync();
        Assert.Contains("$.parameters.priority", text, StringComparison.Ordinal);
        Assert.Contains("latency_ms", text, StringComparison.Ordinal);
    }

    /// <summary>Every optional member as null, and what clients send for "none".</summary>
    [Theory]
    [InlineData("""{"id":null,"parameters":null,"outputs":null,"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":null,"data":[1,2,3,4]}]}""")]
    [InlineData("""{"id":"","outputs":[],"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","parameters":null}],"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":null,"shared_memory_region":null},"data":[1,2,3,4]}]}""")]
    [InlineData("""{"outputs":[{"name":"y","parameters":{"binary_data":null,"classification":null}}],"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""")]
    [InlineData("""{"parameters":{"timeout":null,"latency_ms":null,"min_accuracy":null,"priority":null,"binary_data_output":null},"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""")]
    public async Task Infer_OptionalMembersNullOrEmpty_AreAbsent(string json)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Echo, json);
        Assert.Equal(
            """{"model_name":"echo-FP32","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}]}""", await response.TextAsync());
    }

    [Theory]
    [InlineData("""{"inputs":null}""", "$.inputs: missing")]
    [InlineData("""{"inputs":[{"name":null,"shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""", "$.inputs[0].name: missing")]
    [InlineData("""{"inputs":[{"name":"x","shape":null,"datatype":"FP32","data":[1,2,3,4]}]}""", "$.inputs[0].shape: missing")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":null,"data":null}]}""", "neither data nor")]
    [InlineData("""{"outputs":[null],"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""", "$.outputs[0]: found null")]
    [InlineData("""{"outputs":[],"outputs":[],"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""", "$.outputs: given twice")]
    public async Task Infer_RequiredMembersNull_AreMissing(string json, string says)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Echo, json);
        Assert.Contains(says, (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_IdAndRequestedOutputs_AreEchoed()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(
            "/v2/models/two-inputs/versions/1/infer",
            """{"id":"a\"b","inputs":[{"name":"b","shape":[1,1],"datatype":"INT64","data":[7]},{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{"name":"b"}]}""");
        Assert.Equal(
            """{"model_name":"two-inputs","model_version":"1","id":"a\"b","outputs":[{"name":"b","datatype":"INT64","shape":[1,1],"data":[7]}]}""",
            await response.TextAsync());
    }

    [Fact]
    public async Task Infer_MixedJsonAndBinary_KeepsEachInItsForm()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostBinaryAsync(
            "/v2/models/two-inputs/infer",
            """{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1,1],"datatype":"INT64","data":[7]}],"outputs":[{"name":"b"},{"name":"a","parameters":{"binary_data":true}}]}""",
            Http.Floats(1, 2));
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var header = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single());
        Assert.Equal(
            """{"model_name":"two-inputs","model_version":"1","outputs":[{"name":"b","datatype":"INT64","shape":[1,1],"data":[7]},{"name":"a","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}""",
            Encoding.UTF8.GetString(body.AsSpan(0, header)));
        Assert.Equal(Http.Floats(1, 2), body[header..]);
    }

    [Fact]
    public async Task Infer_RawBody_IsOneRowAndAnsweredBinary()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostBytesAsync(Echo, Http.Floats(3, 4), "0");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(1, host.Engine.LastVariant!.Rows);
        Assert.Equal(Http.Floats(3, 4), (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[^8..]);
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3]}]}""", "3 elements")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4,5]}]}""", "more than the 4")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2,3],[4]]}]}""", "an array of 3 at depth 2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2],3,4]}]}""", "at depth 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1],[2],[3],[4]]}]}""", "an array of 1 at depth 2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[4,1],"datatype":"FP32","data":[1,2,3,4]}]}""", "takes [-1,2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}]}""", "takes [-1,2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[0,2],"datatype":"FP32","data":[]}]}""", "takes [-1,2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT32","data":[1,2]}]}""", "takes FP32")]
    [InlineData("""{"inputs":[{"name":"z","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "no input of")]
    [InlineData("""{"inputs":[{"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]}]}""", "$.inputs[0].shape[0]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1.5,2],"datatype":"FP32","data":[1,2]}]}""", "$.inputs[0].shape[0]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,1,1,1,1,1,1,1,1],"datatype":"FP32","data":[1]}]}""", "more than 8 dimensions")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1000,2],"datatype":"FP32","data":[1,2]}]}""", "too short")]
    [InlineData("""{"inputs":[]}""", "at least one input")]
    [InlineData("""{"id":"a"}""", "$.inputs: missing")]
    [InlineData("""[]""", "an array")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32"}]}""", "neither data")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""", "Inference-Header-Content-Length")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{"name":"q"}]}""", "known are y")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"timeout":0}}""", "$.parameters.timeout")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"latency_ms":"5"}}""", "$.parameters.latency_ms")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"parameters":{"min_accuracy":1.1}}""", "$.parameters.min_accuracy")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "line 1, byte")]
    [InlineData("{\"inputs\":[\n{]}", "line 2, byte 2")]
    [InlineData("", "line 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]} x""", "line 1")]
    [InlineData("""{"inputs":[{"name":"\ud800","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "Unicode")]
    public async Task Infer_BadJson_Is400AndSaysWhatAndWhere(string json, string says)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Echo, json);
        var error = await response.ErrorAsync(400, "bad_request");
        Assert.Contains(says, error.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_SeveralFaults_AreListedTogether()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(
            Echo, """{"id":5,"parameters":{"timeout":-1,"priority":"high"},"inputs":[{"shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{}]}""");
        var text = (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString()!;
        foreach (var path in (string[])["$.id", "$.parameters.timeout", "$.parameters.priority", "$.inputs[0].name", "$.outputs[0].name"])
            Assert.Contains(path, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8", 8, "9", "9 is more than")]
    [InlineData("4", 8, null, "4 bytes do not fit")]
    [InlineData("12", 8, null, "only 8 bytes are left")]
    [InlineData("8", 12, null, "4 bytes after its last tensor")]
    [InlineData("8.5", 8, null, "binary_data_size")]
    [InlineData("-8", 8, null, "binary_data_size")]
    [InlineData("9007199254740993", 8, null, "binary_data_size")]
    public async Task Infer_BadBinaryLengths_Are400(string size, int bytes, string? headerOffset, string says)
    {
        await using var host = await ApiHost.StartAsync();
        var json = $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":{{size}} } }]}""";
        var header = headerOffset is null ? json.Length : json.Length + bytes + 1;
        using var response = await host.Client.PostBytesAsync(Echo, [.. Encoding.UTF8.GetBytes(json), .. new byte[bytes]], header.ToString());
        var text = (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString()!;
        Assert.Contains(headerOffset is null ? says : "is more than", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("abc")]
    [InlineData("99999999999999999999")]
    public async Task Infer_UnreadableHeaderLength_Is400(string length)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostBytesAsync(Echo, Http.Floats(1, 2), length);
        await response.ErrorAsync(400, "bad_request");
    }

    [Theory]
    [InlineData(new byte[] { 9, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Infer_BrokenBytesFraming_Is400(byte[] bytes)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostBinaryAsync(
            "/v2/models/echo-BYTES/infer",
            $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":{{bytes.Length}} } }]}""",
            bytes);
        await response.ErrorAsync(400, "bad_request");
    }

    [Fact]
    public async Task Infer_RawBodyOfWrongLength_Is400()
    {
        await using var host = await ApiHost.StartAsync();
        using var three = await host.Client.PostBytesAsync(Echo, Http.Floats(1, 2, 3), "0");
        await three.ErrorAsync(400, "bad_request");
        using var odd = await host.Client.PostBytesAsync(Echo, [1, 2, 3], "0");
        await odd.ErrorAsync(400, "bad_request");
        using var none = await host.Client.PostBytesAsync(Echo, [], "0");
        await none.ErrorAsync(400, "bad_request");
        using var two = await host.Client.PostBytesAsync("/v2/models/two-inputs/infer", Http.Floats(1, 2), "0");
        await two.ErrorAsync(400, "bad_request");
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_UnknownDatatype_Is422()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Echo, """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP8","data":[1,2]}]}""");
        await response.ErrorAsync(422, "unsupported_datatype");
    }

    [Fact]
    public async Task Infer_ContentTypes_OtherThanOursAre415()
    {
        await using var host = await ApiHost.StartAsync();
        using var form = await host.Client.PostBytesAsync(Echo, [1], null, "application/x-www-form-urlencoded");
        await form.ErrorAsync(415, "unsupported_media_type");
        using var png = await host.Client.PostBytesAsync(Echo, [1], null, "image/png");
        await png.ErrorAsync(415, "unsupported_media_type");
        using var bare = await host.Client.PostBytesAsync(Echo, Http.Floats(1, 2), null);
        await bare.ErrorAsync(400, "bad_request");
    }

    [Fact]
    public async Task Infer_OverTheLimit_Is413BeforeMemoryIsTaken()
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBodyBytes = 1000 });
        using var announced = await host.Client.PostBytesAsync(Echo, new byte[1001], "0");
        await announced.ErrorAsync(413, "too_large");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, Echo) { Content = new ByteArrayContent(new byte[100_000]) };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.Add("Inference-Header-Content-Length", "0");
        using var response = await host.Client.SendAsync(chunked, TestContext.Current.CancellationToken);
        await response.ErrorAsync(413, "too_large");
        using var shape = await host.Client.PostJsonAsync(
            Echo, """{"inputs":[{"name":"x","shape":[4611686018427387904,4],"datatype":"FP32","data":[1]}]}""");
        await shape.ErrorAsync(413, "too_large");
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_ChunkedBody_IsReadAsOne()
    {
        await using var host = await ApiHost.StartAsync();
        // Larger than the first block, so that it grows.
        var values = string.Join(',', Enumerable.Range(0, 40_000));
        using var request = new HttpRequestMessage(HttpMethod.Post, Echo)
        {
            Content = new StringContent($$"""{"inputs":[{"name":"x","shape":[20000,2],"datatype":"FP32","data":[{{values}}]}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(39_999, (await response.JsonAsync()).GetProperty("outputs")[0].GetProperty("data")[39_999].GetInt32());
    }
}
