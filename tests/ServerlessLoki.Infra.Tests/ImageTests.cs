using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>The worker images: what they are built from, and as whom they run.</summary>
public sealed partial class ImageTests
{
    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("Dockerfile.gpu")]
    public void DockerFile_Stages_ArePinnedUnprivilegedAndPublishedForAzure(string name)
    {
        var text = Repository.Text($"src/ServerlessLoki.Worker/{name}");
        var bases = BaseImage().Matches(text).Select(m => m.Groups["tag"].Value).ToList();

        Assert.Equal(2, bases.Count);
        Assert.All(bases, tag => Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+-", tag));
        Assert.Equal(2, Stage().Count(text));
        Assert.Contains("-p:PublishForAzure=true", text, StringComparison.Ordinal);
        Assert.Equal(name == "Dockerfile.gpu", text.Contains("-p:Gpu=true", StringComparison.Ordinal));
        var user = User().Match(text);
        Assert.True(user.Success && user.Groups["user"].Value is "$APP_UID" or "1654");
        Assert.True(user.Index < text.IndexOf("ENTRYPOINT", StringComparison.Ordinal));
    }

    [Fact]
    public void GpuImage_Cuda_IsTheOneThatOnnxRuntimeNeeds()
    {
        var dockerfile = Repository.Text("src/ServerlessLoki.Worker/Dockerfile.gpu");
        var runtime = RuntimeVersion().Match(Repository.Text("Directory.Packages.props"));
        var image = CudaImage().Match(dockerfile);

        Assert.True(runtime.Success && image.Success);
        Assert.Equal(CudaOf(int.Parse(runtime.Groups["minor"].Value)).ToString(), image.Groups["major"].Value);
        // The runtime of the container would refuse an older driver before the worker could fall back.
        Assert.Contains("NVIDIA_DISABLE_REQUIRE=1", dockerfile, StringComparison.Ordinal);
        // https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
        Assert.Contains(image.Groups["major"].Value == "13" ? "driver 580 or newer" : "driver 525 or newer", Repository.Text("infra/README.md"), StringComparison.Ordinal);

        // What libonnxruntime_providers_cuda.so of the package links: readelf -d, or https://github.com/microsoft/onnxruntime/releases.
        static int CudaOf(int minor) => minor switch
        {
            >= 19 and <= 26 => 12,
            >= 27 and <= 31 => 13,
            _ => throw new InvalidOperationException($"ONNX Runtime 1.{minor}: look up which CUDA its GPU package links, and add it here"),
        };
    }

    [Theory]
    [InlineData("Directory.Build.local.props")]
    [InlineData("**/local.settings.json")]
    [InlineData(".git")]
    [InlineData(".azure")]
    public void DockerIgnore_WhatIsThisMachines_StaysOut(string entry) => Assert.Contains(entry, Repository.Text(".dockerignore").Split('\n'));

    [Fact]
    public void Worker_Probes_AskThePortOfTheImage()
    {
        var ports = Infrastructure.Everything.Of("Microsoft.App/containerApps")
            .SelectMany(w => PredictedDeployment.ContainerOf(w)["probes"]!.AsArray()).Select(p => p!["httpGet"]!["port"]!.GetValue<int>()).ToList();

        Assert.Equal(9, ports.Count);
        Assert.All(ports, port => Assert.Contains($"ASPNETCORE_HTTP_PORTS={port}", Repository.Text("src/ServerlessLoki.Worker/Dockerfile"), StringComparison.Ordinal));
        Assert.All(ports, port => Assert.Contains($"ASPNETCORE_HTTP_PORTS={port}", Repository.Text("src/ServerlessLoki.Worker/Dockerfile.gpu"), StringComparison.Ordinal));
    }

    [Fact]
    public void BicepConfig_EveryRule_IsAnError()
    {
        var rules = System.Text.Json.Nodes.JsonNode.Parse(
            Repository.Text("infra/bicepconfig.json"), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!["analyzers"]!["core"]!["rules"]!.AsObject();

        Assert.InRange(rules.Count, 40, 60);
        Assert.All(rules, r => Assert.Equal("error", r.Value!["level"]!.GetValue<string>()));
    }

    [GeneratedRegex(@"^ARG \w+=[^:@\s]+:(?<tag>\S+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BaseImage();

    [GeneratedRegex("^FROM ", RegexOptions.Multiline, 1000)]
    private static partial Regex Stage();

    [GeneratedRegex(@"^USER (?<user>\S+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex User();

    [GeneratedRegex(@"""Microsoft\.ML\.OnnxRuntime\.Gpu"" Version=""1\.(?<minor>[0-9]+)\.[0-9]+""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RuntimeVersion();

    [GeneratedRegex(@"^ARG CUDA=nvidia/cuda:(?<major>[0-9]+)\.[0-9.]+-cudnn-runtime-", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CudaImage();
}
