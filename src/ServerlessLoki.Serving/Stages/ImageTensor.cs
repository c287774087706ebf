using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Conversion of a part of an image to a model's input in the model's own layout and datatype.</summary>
internal static class ImageTensor
{
    /// <summary>Returns why an image cannot become this input by this conversion; null if it can.</summary>
    public static string? Check(ImageShape shape, ImageForm form)
    {
        if (form.Channels is { } channels && (channels == ImageChannels.Grey) != (shape.Channels == 1))
            return $"the model has {shape.Channels} channel{(shape.Channels == 1 ? "" : "s")}: {(shape.Channels == 1 ? "say \"grey\" or nothing" : "say \"rgb\" or \"bgr\"")} in \"channels\"";
        if (form.Mean.Length > shape.Channels || form.Deviation.Length > shape.Channels)
            return "the model has 1 channel: give one number in \"mean\" and \"std\"";
        return shape.Datatype == "UINT8" && !form.IsUnit ? "the model takes pixels as they are (UINT8): leave \"scale\", \"mean\" and \"std\" out" : null;
    }

    /// <summary>Fills one row.</summary>
    /// <param name="image">Image; not changed.</param>
    /// <param name="placement">Position of the image's part in the input.</param>
    /// <param name="shape">Shape of the input.</param>
    /// <param name="form">Conversion, which has passed <see cref="Check"/>.</param>
    /// <param name="target">Bytes of the row.</param>
    public static void Fill(RgbImage image, in ImagePlacement placement, ImageShape shape, ImageForm form, Span<byte> target)
    {
        if (shape is { Channels: 3, IsPlanar: true, Datatype: "FP32" } && form.IsUnit && form.Channels != ImageChannels.Bgr && placement.Covers(shape))
        {
            Resize(image, placement.Region, shape.Width, shape.Height, form, MemoryMarshal.Cast<byte, float>(target));
            return;
        }

        if (shape is { Channels: 3, IsPlanar: false, Datatype: "UINT8" } && !form.IsSmooth && form.Channels != ImageChannels.Bgr && placement.Covers(shape))
        {
            ImageResampler.CropResize(image, placement.Region, shape.Width, shape.Height, target);
            return;
        }

        var size = placement.Width * placement.Height;
        var planes = ArrayPool<float>.Shared.Rent(3 * size);
        var values = ArrayPool<float>.Shared.Rent(shape.Values);
        try
        {
            var pixels = planes.AsSpan(0, 3 * size);
            Resize(image, placement.Region, placement.Width, placement.Height, form, pixels);
            var planar = values.AsSpan(0, shape.Values);
            for (var channel = 0; channel < shape.Channels; channel++)
                Plane(Channel(pixels, size, shape, form, channel), placement, shape, form, channel, planar.Slice(channel * shape.Height * shape.Width, shape.Height * shape.Width));
            Store(planar, shape, target);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(planes);
            ArrayPool<float>.Shared.Return(values);
        }
    }

    private static void Resize(RgbImage image, ImageRegion region, int width, int height, ImageForm form, Span<float> target)
    {
        if (form.IsSmooth)
            SmoothResampler.CropResize(image, region, width, height, target);
        else
            ImageResampler.CropResize(image, region, width, height, target);
    }

    /// <summary>Returns one of the image's planes, 0..1; a grey plane is mixed in place of red.</summary>
    private static Span<float> Channel(Span<float> pixels, int size, ImageShape shape, ImageForm form, int channel)
    {
        if (shape.Channels == 3)
            return pixels.Slice((form.Channels == ImageChannels.Bgr ? 2 - channel : channel) * size, size);
        var red = pixels[..size];
        TensorPrimitives.Multiply(red, 0.299f, red);
        TensorPrimitives.MultiplyAdd(pixels.Slice(size, size), 0.587f, red, red);
        TensorPrimitives.MultiplyAdd(pixels.Slice(2 * size, size), 0.114f, red, red);
        return red;
    }

    private static void Plane(Span<float> pixels, in ImagePlacement placement, ImageShape shape, ImageForm form, int channel, Span<float> target)
    {
        // Bytes are made of 0..255 at the end, other values are finished here.
        var isByte = shape.Datatype == "UINT8";
        var (factor, minus) = isByte ? (255.0, 0.0) : (255 * form.Scale / Of(form.Deviation, channel), Of(form.Mean, channel) / Of(form.Deviation, channel));
        if (!placement.Covers(shape))
            target.Fill((float)((form.Fill / 255 * factor) - minus));
        TensorPrimitives.Multiply(pixels, (float)factor, pixels);
        if (minus != 0)
            TensorPrimitives.Subtract(pixels, (float)minus, pixels);
        for (var row = 0; row < placement.Height; row++)
            pixels.Slice(row * placement.Width, placement.Width).CopyTo(target[(((placement.Top + row) * shape.Width) + placement.Left)..]);
    }

    private static double Of(System.Collections.Immutable.ImmutableArray<double> numbers, int channel) => numbers[numbers.Length == 1 ? 0 : channel];

    private static void Store(ReadOnlySpan<float> planar, ImageShape shape, Span<byte> target)
    {
        switch (shape.Datatype)
        {
            case "UINT8":
                for (var i = 0; i < target.Length; i++)
                    target[i] = (byte)MathF.Round(planar[From(i, shape)]);
                break;
            case "FP16" when shape.IsPlanar || shape.Channels == 1:
                TensorPrimitives.ConvertToHalf(planar, MemoryMarshal.Cast<byte, Half>(target));
                break;
            case "FP16":
                var halves = MemoryMarshal.Cast<byte, Half>(target);
                for (var i = 0; i < halves.Length; i++)
                    halves[i] = (Half)planar[From(i, shape)];
                break;
            case "FP32" when shape.IsPlanar || shape.Channels == 1:
                MemoryMarshal.AsBytes(planar).CopyTo(target);
                break;
            default:
                var floats = MemoryMarshal.Cast<byte, float>(target);
                for (var i = 0; i < floats.Length; i++)
                    floats[i] = planar[From(i, shape)];
                break;
        }
    }

    /// <summary>Returns the index among planes of a value of the input.</summary>
    private static int From(int index, ImageShape shape)
    {
        if (shape.IsPlanar)
            return index;
        var (pixel, channel) = Math.DivRem(index, shape.Channels);
        return (channel * shape.Height * shape.Width) + pixel;
    }
}
