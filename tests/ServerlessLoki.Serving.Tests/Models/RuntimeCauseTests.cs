using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Tests.Models;

public sealed class RuntimeCauseTests
{
    [Theory]
    [InlineData(
        "[ErrorCode:InvalidArgument] Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of data bounds, idx=99 must be within the inclusive range [-10,9]",
        "indices element out of data bounds, idx=99 must be within the inclusive range [-10,9]")]
    [InlineData(
        "[ErrorCode:RuntimeException] Non-zero status code returned while running Reshape node. Name:'r' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:45 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{2,4}, requested shape:{1,4}\n",
        "input_shape_size == size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{2,4}, requested shape:{1,4}")]
    [InlineData("[ErrorCode:Fail] D:\\a\\_work\\1\\s\\onnxruntime\\core\\framework\\op_kernel.cc:87 status.IsOK() was false", "status.IsOK() was false")]
    [InlineData("[ErrorCode:Fail]", "the model refused it")]
    public void Of_WhatTheLibrarySays_KeepsTheCauseAlone(string message, string expected) => Assert.Equal(expected, RuntimeCause.Of(message));

    [Fact]
    public void Of_ALongText_IsCut() => Assert.Equal(241, RuntimeCause.Of(new string('x', 5000)).Length);
}
