using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

[Collection(PooledCollection.Name)]
public sealed class DatatypeTests
{
    /// <summary>Datatype, JSON elements, and the same as bytes.</summary>
    public static TheoryData<string, string, byte[]> Values => new()
    {
        { "BOOL", "true,false", [1, 0] },
        { "UINT8", "0,255", [0, 255] },
        { "UINT16", "1,65535", [1, 0, 255, 255] },
        { "UINT32", "2,4294967295", [2, 0, 0, 0, 255, 255, 255, 255] },
        { "UINT64", "3,18446744073709551615", [3, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255] },
        { "INT8", "-128,127", [128, 127] },
        { "INT16", "-32768,32767", [0, 128, 255, 127] },
        { "INT32", "-2147483648,2147483647", [0, 0, 0, 128, 255, 255, 255, 127] },
        { "INT64", "-9223372036854775808,9223372036854775807", [0, 0, 0, 0, 0, 0, 0, 128, 255, 255, 255, 255, 255, 255, 255, 127] },
        { "FP32", "1.5,-0.1", [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-0.1f)] },
        { "FP64", "1E+300,-0.1", [.. BitConverter.GetBytes(1e300), .. BitConverter.GetBytes(-0.1)] },
        { "BYTES", "\"a\u00e4\\n\",\"\"", [4, 0, 0, 0, (byte)'a', 0xC3, 0xA4, (byte)'\n', 0, 0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Infer_JsonTensor_IsTheSameBytesAndComesBack(string datatype, string elements, byte[] bytes)
    {
        await using var host = await ApiHost.StartAsync();
        byte[]? seen = null;
        host.Engine.Infer = r =>
        {
            seen = r.Inputs[0].ToArray();
            return new(QueryOutcome.Completed, null, [seen]);
        };
        using var response = await host.Client.PostJsonAsync(
            $"/v2/models/echo-{datatype}/infer",
            $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"{{datatype}}","data":[{{elements}}]}]}""");
        var text = await response.TextAsync();
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(bytes, seen);
        Assert.Equal(
            $$"""{"model_name":"echo-{{datatype}}","model_version":"1","outputs":[{"name":"y","datatype":"{{datatype}}","shape":[1,2],"data":[{{elements}}]}]}""", text);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Infer_BinaryTensor_ComesBackBinary(string datatype, string elements, byte[] bytes)
    {
        Assert.NotEmpty(elements);
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostBinaryAsync(
            $"/v2/models/echo-{datatype}/infer",
            $$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,2],"datatype":"{{datatype}}","parameters":{"binary_data_size":{{bytes.Length}} } }]}""",
            bytes);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        var header = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single());
        Assert.Equal(bytes, body[header..]);
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task Infer_HalfInJson_Is422AndInBinaryIsServed(string datatype)
    {
        await using var host = await ApiHost.StartAsync();
        using var json = await host.Client.PostJsonAsync(
            $"/v2/models/echo-{datatype}/infer", $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"{{datatype}}","data":[1,2]}]}""");
        await json.ErrorAsync(422, "unsupported_datatype");
        var input = $$"""{"name":"x","shape":[1,2],"datatype":"{{datatype}}","parameters":{"binary_data_size":4} }""";
        using var jsonOut = await host.Client.PostBinaryAsync($"/v2/models/echo-{datatype}/infer", $$"""{"inputs":[{{input}}]}""", [1, 2, 3, 4]);
        await jsonOut.ErrorAsync(422, "unsupported_datatype");
        using var binary = await host.Client.PostBinaryAsync(
            $"/v2/models/echo-{datatype}/infer", $$"""{"inputs":[{{input}}],"outputs":[{"name":"y","parameters":{"binary_data":true} }]}""", [1, 2, 3, 4]);
        Assert.Equal(200, (int)binary.StatusCode);
        Assert.Equal([1, 2, 3, 4], (await binary.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[^4..]);
    }

    [Theory]
    [InlineData("UINT8", "256")]
    [InlineData("UINT8", "-1")]
    [InlineData("INT8", "128")]
    [InlineData("INT32", "1.5")]
    [InlineData("INT32", "2147483648")]
    [InlineData("UINT64", "-1")]
    [InlineData("INT64", "9223372036854775808")]
    [InlineData("FP32", "1e40")]
    [InlineData("FP32", "\"1\"")]
    [InlineData("FP64", "1e400")]
    [InlineData("BOOL", "1")]
    [InlineData("BYTES", "1")]
    [InlineData("FP32", "null")]
    public async Task Infer_ElementThatDoesNotFit_Is400WithItsPlace(string datatype, string element)
    {
        await using var host = await ApiHost.StartAsync();
        var first = datatype switch { "BOOL" => "true", "BYTES" => "\"a\"", _ => "0" };
        using var response = await host.Client.PostJsonAsync(
            $"/v2/models/echo-{datatype}/infer", $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"{{datatype}}","data":[{{first}},{{element}}]}]}""");
        var error = await response.ErrorAsync(400, "bad_request");
        Assert.Contains("$.inputs[0].data[1]", error.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_ProductBeyond63Bits_IsRefused()
    {
        Assert.Equal(-1, Datatypes.Elements([long.MaxValue, 2]));
        Assert.Equal(-1, Datatypes.Elements([1L << 32, 1L << 32]));
        Assert.Equal(-1, Datatypes.Elements([-1, 2]));
        Assert.Equal(0, Datatypes.Elements([long.MaxValue, 0]));
        Assert.Equal(1, Datatypes.Elements([]));
        Assert.Equal(6, Datatypes.Elements([2, 3]));
    }
}
