using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>The reader must refuse what it does not understand, else the other tests would pass over it.</summary>
public sealed class BicepReaderTests
{
    [Theory]
    [InlineData("param name strin g", "line 1")]
    [InlineData("var a = {\n  b: 1\n", "line 3")]
    [InlineData("var a = 'open", "line 1")]
    [InlineData("var a = [1 2]", "']'")]
    [InlineData("var a = (1", "')'")]
    [InlineData("var a = f(1 2)", "','")]
    [InlineData("resource a = {}", "a string")]
    [InlineData("var a = 1 §", "no part of Bicep")]
    [InlineData("var a = '${1 +}'", "an expression")]
    [InlineData("metadata a = 1", "a declaration")]
    [InlineData("var a = 1 var b = 2", "the end of the line")]
    public void Read_NotBicep_SaysWhere(string source, string expected)
    {
        var fault = Assert.Throws<FormatException>(() => BicepFile.Read("a.bicep", source));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("a.bicep: line ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Expression_KeepsPrecedence()
    {
        var file = BicepFile.Read("a.bicep", "var a = b || c && d == 1 ? e[0].f : 'x${g}y'");

        var choice = Assert.IsType<OperatorNode>(file.Declarations[0].Value);
        Assert.Equal("?", choice.Operator);
        var or = Assert.IsType<OperatorNode>(choice.Operands[0]);
        Assert.Equal("||", or.Operator);
        Assert.Equal("&&", Assert.IsType<OperatorNode>(or.Operands[1]).Operator);
        Assert.Equal("f", Assert.IsType<MemberNode>(choice.Operands[1]).Name);
        Assert.Equal(["x", "y"], Assert.IsType<TextNode>(choice.Operands[2]).Pieces);
    }

    [Fact]
    public void Read_NestedResourceInALoop_HasItsFullType()
    {
        var file = BicepFile.Read("a.bicep", "resource a 'X/y@2026-01-01' = {\n  resource b 'z' = [for i in is: { name: i }]\n}");

        Assert.Equal(["X/y@2026-01-01", "X/y/z@2026-01-01"], file.Resources().Select(r => r.FullType));
    }

    [Theory]
    [MemberData(nameof(Repository.BicepPaths), MemberType = typeof(Repository))]
    public void Read_EveryFile_Understands(string path) => Assert.NotEmpty(Repository.Bicep[path].Declarations);
}
