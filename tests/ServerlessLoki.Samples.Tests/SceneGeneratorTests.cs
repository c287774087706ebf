using System.Security.Cryptography;

namespace ServerlessLoki.Samples.Tests;

public sealed class SceneGeneratorTests
{
    // The committed accuracy figures belong to exactly these pictures: when this fails, train and measure anew.
    [Theory]
    [InlineData(1UL, "5134358f9f008504200603e0a836ccc00c71dbe9ad190df084af81cad428dd7d")]
    [InlineData(2000UL, "677fdd825ac42ba4a99ba29a44ca14965f2c45781dd069a81f7d4374fa4bff91")]
    [InlineData(TrafficSample.TrainingSeed, "c7ffb3c3f3b822f4961978534cdd7ebe984851c575aa30cd5e9c7c9187e90f2d")]
    public void Generate_KnownSeed_GivesTheSameBytesEverywhere(ulong seed, string sha256)
    {
        var scene = SceneGenerator.Generate(seed);

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(scene.Image.Pixels)));
    }

    [Fact]
    public void Generate_Twice_GivesEqualObjects() =>
        Assert.Equal(SceneGenerator.Generate(42).Objects, SceneGenerator.Generate(42).Objects);

    [Fact]
    public void Generate_ManySeeds_KeepsBoxesInsideAndObjectsVisible()
    {
        for (ulong seed = 1; seed <= 150; seed++)
        {
            foreach (var o in SceneGenerator.Generate(seed).Objects)
            {
                Assert.InRange(o.Box.X1, 0, o.Box.X2 - 1);
                Assert.InRange(o.Box.Y1, 0, o.Box.Y2 - 1);
                Assert.InRange(o.Box.X2, 1, SceneGenerator.Width);
                Assert.InRange(o.Box.Y2, 1, SceneGenerator.Height);
                Assert.InRange(o.VisibleShare, SceneGenerator.LeastVisible, 1);
            }
        }
    }

    [Fact]
    public void Generate_ManySeeds_ShowsEveryClass()
    {
        var objects = Enumerable.Range(1, 200).SelectMany(i => SceneGenerator.Generate((ulong)i).Objects).ToList();

        Assert.Equal(TrafficLabels.Vehicles.Order(), Labels(SceneObjectKind.Car));
        Assert.Equal(TrafficLabels.Persons.Order(), Labels(SceneObjectKind.Person));
        Assert.InRange(objects.Count(o => o.Kind == SceneObjectKind.Car) / 200.0, 1.8, 2.8);
        Assert.InRange(objects.Count(o => o.Kind == SceneObjectKind.Person) / 200.0, 1.1, 1.9);

        IEnumerable<string> Labels(SceneObjectKind kind) => objects.Where(o => o.Kind == kind).Select(o => o.Label).Distinct().Order();
    }
}
