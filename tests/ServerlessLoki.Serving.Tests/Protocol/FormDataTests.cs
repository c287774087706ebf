using System.Text;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Tests.Protocol;

public sealed class FormDataTests
{
    [Fact]
    public void Parse_Parts_AreSlicesInTheirOrder()
    {
        var parts = Parse("before\r\n--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f.bin\"\r\nContent-Type: image/png\r\n\r\n1\r\n--y\r\n\r\n--x  \r\ncontent-disposition: form-data; name=b\r\n\r\ngrün\r\n--x--\r\nbehind");
        Assert.Equal([("a", true, "1\r\n--y\r\n"), ("b", false, "grün")], parts.Select(static p => (p.Name, p.IsFile, Encoding.UTF8.GetString(p.Content.Span))));
    }

    [Fact]
    public void Parse_NothingButTheEnd_HasNoParts() => Assert.All((string[])["--x--", "--x\r\n\r\n--x--\r\n"], static b => Assert.Empty(Parse(b)));

    [Theory]
    [InlineData("", "the boundary of the Content-Type is nowhere in it")]
    [InlineData("--z\r\n\r\n\r\n--z--", "the boundary of the Content-Type is nowhere in it")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1", "it ends before its last boundary")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a\r\n1\r\n--x--", "headers do not end")]
    [InlineData("--x\r\nContent-Type: a/b\r\n\r\n1\r\n--x--", "a part has no \"Content-Disposition")]
    [InlineData("--x\r\n\r\n1\r\n--x--", "a part has no \"Content-Disposition")]
    [InlineData("--xy\r\n--x--", "a boundary is followed by neither")]
    public void Parse_Malformed_SaysWhy(string body, string why)
    {
        var fault = Assert.Throws<ApiFaultException>(() => Parse(body));
        Assert.Equal(400, fault.Status);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooManyParts_AreRefused() =>
        Assert.Equal(413, Assert.Throws<ApiFaultException>(() => Parse(string.Concat(Enumerable.Repeat("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", 9)) + "--x--")).Status);

    [Fact]
    public void Parse_AnyBytes_EndsInPartsOrAFault()
    {
        var random = new Random(11);
        string[] words = ["--x", "--x--", "\r\n", "\r", "-", "Content-Disposition: form-data; name=a", "; filename=\"", "\"", ":", "a", "\0", "\r\n\r\n"];
        for (var run = 0; run < 20_000; run++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => words[random.Next(words.Length)]));
            try
            {
                Assert.InRange(Parse(body).Count, 0, 8);
            }
            catch (ApiFaultException fault)
            {
                Assert.InRange(fault.Status, 400, 413);
            }
        }
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("multipart/form-data; charset=utf-8; Boundary=\"a b\"", "a b")]
    public void BoundaryOf_ContentType_IsWithoutItsQuotes(string type, string expected) => Assert.Equal(expected, FormData.BoundaryOf(type));

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    public void BoundaryOf_None_IsRefused(string type) => Assert.Equal(400, Assert.Throws<ApiFaultException>(() => FormData.BoundaryOf(type)).Status);

    private static List<FormPart> Parse(string body) => FormData.Parse(Encoding.UTF8.GetBytes(body), "x", 8);
}
