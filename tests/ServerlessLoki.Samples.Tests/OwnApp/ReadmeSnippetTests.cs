using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ServerlessLoki.Samples.Tests.OwnApp;

/// <summary>Code in READMEs is code that compiles: each line of the snippet stands in <see cref="FiveLines"/>.</summary>
public sealed class ReadmeSnippetTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("src/ServerlessLoki.Embedded/README.md")]
    public void Snippet_OfAnOwnApp_IsTheCompiledOne(string readme)
    {
        var text = File.ReadAllText(Path.Combine(Root(), readme));
        const string Fence = "```csharp\n";
        var start = text.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        var snippet = text[start..text.IndexOf("```", start, StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(5, snippet.Length);
        Assert.Equal(Compiled(), snippet);
    }

    private static void FiveLines(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddServerlessLoki(options => options.PipelineFiles = ["pipeline.json"]);
        var app = builder.Build();
        app.MapServerlessLoki();
        app.Run();
    }

    private static string[] Compiled() =>
    [
        .. File.ReadAllLines(Here()).SkipWhile(l => !l.Contains($" {nameof(FiveLines)}(string", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.Trim() != "}").Select(l => l.Trim()),
    ];

    private static string Root() => Path.GetFullPath("../../..", Path.GetDirectoryName(Here())!);

    private static string Here([CallerFilePath] string path = "") => path;
}
