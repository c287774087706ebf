using System.Text;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class ReplyReaderTests
{
    [Fact]
    public void Read_ParametersAnywhere_TakesAccuracyAndVariants()
    {
        var reply = ReplyReader.Read(200, """
            {"model_name":"traffic","outputs":[{"name":"a","parameters":{"accuracy":1}}],"parameters":{"x":[1,{"y":2}],"accuracy":0.75,"variants":"d=d-n"},"id":"7"}
            """u8);

        Assert.Equal(new LoadReply(200, 0.75, "d=d-n"), reply);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"parameters\":")]
    [InlineData("{\"parameters\":{\"accuracy\":\"high\"}}")]
    public void Read_AnythingElse_CountsByStatusAlone(string json)
    {
        var reply = ReplyReader.Read(200, Encoding.UTF8.GetBytes(json));

        Assert.Equal((200, true, null), (reply.Status, double.IsNaN(reply.Accuracy), reply.Variants));
    }

    [Fact]
    public void Tensor_Body_HasTheHeaderLengthOfItsJson()
    {
        var body = QueryBody.Tensors([new TensorData("image", "UINT8", [1, 2, 3], [1, 2, 3, 4, 5, 6])], wantsBinary: false);

        using var json = System.Text.Json.JsonDocument.Parse(body.Bytes.AsMemory(0, body.JsonLength!.Value));
        Assert.Equal(6, json.RootElement.GetProperty("inputs")[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.Equal([1, 2, 3, 4, 5, 6], body.Bytes[body.JsonLength.Value..]);
    }
}
