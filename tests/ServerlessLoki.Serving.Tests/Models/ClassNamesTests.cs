using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Tests.Models;

/// <summary>Class names as tools write them into models.</summary>
public sealed class ClassNamesTests
{
    [Theory]
    [InlineData("{0: 'person', 1: 'car'}", "person|car")]
    [InlineData("{1: 'car', 0: 'person'}", "person|car")]
    [InlineData("{0: \"driver's seat\", 1: 'a \"b\"', 2: 'it\\'s', 3: '{1: x}'}", "driver's seat|a \"b\"|it's|{1: x}")]
    [InlineData("['person', 'car 2']", "person|car 2")]
    [InlineData("{\"0\": \"person\", \"1\" : \"car\"}", "person|car")]
    [InlineData("[\"caf\\u00e9\", \"b\\x41\\n\"]", "café|bA\n")]
    public void Parse_ListsAndMaps_GivesThemByNumber(string literal, string expected) => Assert.Equal(expected, string.Join('|', ClassNames.Parse(literal)));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("person, car")]
    [InlineData("{0: 'person', 2: 'car'}")]
    [InlineData("{0: 'person', 0: 'car'}")]
    [InlineData("{'a': 'person', 'b': 'car'}")]
    [InlineData("{99999999999: 'person'}")]
    [InlineData("{\"0\": ")]
    public void Parse_WhatDoesNotNameEachClass_GivesNone(string literal) => Assert.Empty(ClassNames.Parse(literal));

    [Fact]
    public void Of_Metadata_NamesOrLabels()
    {
        Assert.Equal(["car", "person"], ClassNames.Of(new Dictionary<string, string> { ["labels"] = "car, person" }));
        Assert.Equal(["a"], ClassNames.Of(new Dictionary<string, string> { ["labels"] = "car, person", ["names"] = "['a']" }));
        Assert.Empty(ClassNames.Of(new Dictionary<string, string> { ["labels"] = " " }));
    }
}
