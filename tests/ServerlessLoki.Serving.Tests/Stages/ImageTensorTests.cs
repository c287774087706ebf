using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Imaging;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class ImageTensorTests
{
    /// <summary>ImageNet's numbers, and a model in Caffe's manner.</summary>
    public static TheoryData<int, bool, string, ImageForm> Forms()
    {
        var imageNet = new ImageForm { Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225] };
        var caffe = new ImageForm { Channels = ImageChannels.Bgr, Scale = 1, Mean = [104, 117, 123] };
        var data = new TheoryData<int, bool, string, ImageForm>();
        foreach (var isPlanar in (bool[])[true, false])
        {
            data.Add(3, isPlanar, "UINT8", ImageForm.Default);
            data.Add(3, isPlanar, "UINT8", new ImageForm { Channels = ImageChannels.Bgr });
            data.Add(1, isPlanar, "UINT8", ImageForm.Default);
            foreach (var datatype in (string[])["FP32", "FP16"])
            {
                data.Add(3, isPlanar, datatype, ImageForm.Default);
                data.Add(3, isPlanar, datatype, imageNet);
                data.Add(3, isPlanar, datatype, caffe);
                data.Add(1, isPlanar, datatype, new ImageForm { Channels = ImageChannels.Grey, Mean = [0.5], Deviation = [0.5] });
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fill_OfTheSameSize_EachValueIsThePixelsByTheFormula(int channels, bool isPlanar, string datatype, ImageForm form)
    {
        const int Width = 5, Height = 3;
        using var image = PictureCodecTests.Noise(Width, Height, 5);
        var shape = new ImageShape(Height, Width, channels, isPlanar, datatype);
        Assert.Null(ImageTensor.Check(shape, form));

        var values = Filled(image, ImageRegion.Whole, shape, form);

        for (var i = 0; i < Width * Height; i++)
        {
            var rgb = image.Pixels.Slice(3 * i, 3);
            for (var c = 0; c < channels; c++)
            {
                var pixel = channels == 1 ? (0.299 * rgb[0]) + (0.587 * rgb[1]) + (0.114 * rgb[2]) : rgb[form.Channels == ImageChannels.Bgr ? 2 - c : c];
                var expected = datatype == "UINT8" ? pixel : ((pixel * form.Scale) - Of(form.Mean, c)) / Of(form.Deviation, c);
                var tolerance = datatype == "UINT8" ? 0.51 : datatype == "FP16" ? Math.Max(2e-3, Math.Abs(expected) / 1000) : 1e-5 * Math.Max(1, Math.Abs(expected));
                Assert.Equal(expected, values[isPlanar ? (c * Width * Height) + i : (i * channels) + c], tolerance);
            }
        }

        static double Of(System.Collections.Immutable.ImmutableArray<double> numbers, int channel) => numbers[numbers.Length == 1 ? 0 : channel];
    }

    /// <summary>As Ultralytics' letterbox places them, whose borders on the left and above are the smaller where they differ.</summary>
    [Theory]
    [InlineData(1280, 720, 640, 640, 0, 140, 640, 360)]
    [InlineData(810, 1080, 640, 640, 80, 0, 480, 640)]
    [InlineData(16, 16, 64, 32, 16, 0, 32, 32)]
    [InlineData(500, 333, 640, 640, 0, 107, 640, 426)]
    [InlineData(2000, 3, 64, 64, 0, 31, 64, 1)]
    public void Letterbox_KeepsProportionsInTheMiddle(int width, int height, int inputWidth, int inputHeight, int left, int top, int wide, int high)
    {
        var place = ImagePlacement.Of(width, height, ImageRegion.Whole, new ImageShape(inputHeight, inputWidth, 3, true, "FP32"), new ImageForm { Fit = ImageFit.Letterbox });
        Assert.Equal((left, top, wide, high), (place.Left, place.Top, place.Width, place.Height));
    }

    [Fact]
    public void Fill_Letterbox_BordersAreTheFillAndTheRestIsTheResizedPicture()
    {
        using var image = PictureCodecTests.Noise(8, 4, 6);
        var form = new ImageForm { Fit = ImageFit.Letterbox, Fill = 51, Mean = [0.5], Deviation = [0.25] };

        var values = Filled(image, ImageRegion.Whole, new ImageShape(16, 16, 3, true, "FP32"), form);

        var inner = new float[3 * 16 * 8];
        ImageResampler.CropResize(image, ImageRegion.Whole, 16, 8, inner);
        for (var i = 0; i < values.Length; i++)
        {
            var (channel, y, x) = (i / 256, i / 16 % 16, i % 16);
            var pixel = y is < 4 or >= 12 ? 51 / 255f : inner[(channel * 128) + ((y - 4) * 16) + x];
            Assert.Equal((pixel - 0.5f) / 0.25f, values[i], 1e-5f);
        }
    }

    /// <summary>Resizing the shorter side to 256 and cutting out 224 is sampling the middle 0.875 of it.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    public void Fill_CenterCrop_IsTheMiddleOfThePicture(bool? antialias)
    {
        using var image = PictureCodecTests.Noise(400, 200, 7);
        var form = new ImageForm { Fit = ImageFit.CenterCrop, Crop = 0.875, Antialias = antialias };

        var values = Filled(image, ImageRegion.Whole, new ImageShape(50, 50, 3, true, "FP32"), form);

        var expected = new float[values.Length];
        var middle = new ImageRegion(112.5f / 400, 12.5f / 200, 287.5f / 400, 187.5f / 200);
        if (antialias == false)
            ImageResampler.CropResize(image, middle, 50, 50, expected);
        else
            SmoothResampler.CropResize(image, middle, 50, 50, expected);
        Assert.Equal(expected, values, (a, b) => Math.Abs(a - b) < 1e-4f);
    }

    [Theory]
    [InlineData(ImageFit.Stretch)]
    [InlineData(ImageFit.Letterbox)]
    [InlineData(ImageFit.CenterCrop)]
    public void OnPicture_BoxOfWhatIsSeen_IsTheSameBoxOfThePicture(ImageFit fit)
    {
        var random = new Random(8);
        for (var i = 0; i < 200; i++)
        {
            var (width, height) = (random.Next(20, 900), random.Next(20, 900));
            var shape = new ImageShape(random.Next(8, 200), random.Next(8, 200), 3, true, "FP32");
            var region = new ImageRegion(random.NextSingle() / 3, random.NextSingle() / 3, 1 - (random.NextSingle() / 3), 1 - (random.NextSingle() / 3));
            var place = ImagePlacement.Of(width, height, region, shape, new ImageForm { Fit = fit, Crop = 0.5 });
            // A point of the picture that is seen, and where the input shows it.
            var (x, y) = (At(place.Seen.X1, place.Seen.X2, random), At(place.Seen.Y1, place.Seen.Y2, random));
            var inX = (place.Left + ((x - place.Seen.X1) / (place.Seen.X2 - place.Seen.X1) * place.Width)) / shape.Width;
            var inY = (place.Top + ((y - place.Seen.Y1) / (place.Seen.Y2 - place.Seen.Y1) * place.Height)) / shape.Height;

            var turned = place.OnPicture(new(3, 0.5f, inX, inY, 1, 1), shape);

            Assert.Equal((x, y, place.Seen.X2, place.Seen.Y2), (turned.X1, turned.Y1, turned.X2, turned.Y2), new Near());
            Assert.Equal((3, 0.5f), (turned.Label, turned.Score));
        }

        static float At(float from, float to, Random random) => from + (random.NextSingle() * (to - from));
    }

    [Theory]
    [InlineData(1, "FP32", ImageChannels.Rgb, "say \"grey\" or nothing")]
    [InlineData(3, "FP32", ImageChannels.Grey, "say \"rgb\" or \"bgr\"")]
    public void Check_ChannelsThatTheModelLacks_AreAFault(int channels, string datatype, ImageChannels order, string cure) =>
        Assert.Contains(cure, ImageTensor.Check(new ImageShape(4, 4, channels, true, datatype), new ImageForm { Channels = order }), StringComparison.Ordinal);

    [Fact]
    public void Check_NumbersThatTheModelCannotTake_AreAFault()
    {
        Assert.Contains("leave \"scale\"", ImageTensor.Check(new ImageShape(4, 4, 3, true, "UINT8"), new ImageForm { Scale = 1 }), StringComparison.Ordinal);
        Assert.Contains("one number", ImageTensor.Check(new ImageShape(4, 4, 1, true, "FP32"), new ImageForm { Mean = [1, 2, 3] }), StringComparison.Ordinal);
    }

    private static float[] Filled(RgbImage image, ImageRegion region, ImageShape shape, ImageForm form)
    {
        var bytes = new byte[shape.Values * (shape.Datatype switch { "FP32" => 4, "FP16" => 2, _ => 1 })];
        ImageTensor.Fill(image, ImagePlacement.Of(image.Width, image.Height, region, shape, form), shape, form, bytes);
        return shape.Datatype switch
        {
            "FP32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "FP16" => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(static h => (float)h)],
            _ => [.. bytes.Select(static b => (float)b)],
        };
    }

    private sealed class Near : IEqualityComparer<(float, float, float, float)>
    {
        public bool Equals((float, float, float, float) a, (float, float, float, float) b) =>
            Math.Abs(a.Item1 - b.Item1) < 1e-4f && Math.Abs(a.Item2 - b.Item2) < 1e-4f && Math.Abs(a.Item3 - b.Item3) < 1e-4f && Math.Abs(a.Item4 - b.Item4) < 1e-4f;

        public int GetHashCode((float, float, float, float) values) => 0;
    }
}
